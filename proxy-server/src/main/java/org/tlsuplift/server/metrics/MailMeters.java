package org.tlsuplift.server.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumSet;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.MailMessage;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.MessageOutcome;
import org.tlsuplift.proxy.outcome.MessageRefusal;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.proxy.outcome.SignInOutcome;

/**
 * The mail meters of one listener, each resolved once. Thread-safe.
 *
 * <p>The maps are bounded, because their keys are enums.
 */
final class MailMeters {
  private final Map<Reply, Counter> replies = new ConcurrentHashMap<>();
  private final Map<SignInOutcome, Counter> signIns = new ConcurrentHashMap<>();
  private final Map<MailProtocol, Counter> plaintext = new ConcurrentHashMap<>();
  private final Map<MessageRefusal, Counter> refusals = new ConcurrentHashMap<>();
  private final Map<MessageOutcome, Counter> messages = new ConcurrentHashMap<>();
  private final MeterRegistry registry;
  private final String listener;
  private volatile @Nullable DistributionSummary sizes;
  private volatile @Nullable Counter repaired;

  MailMeters(MeterRegistry registry, String listener) {
    this.registry = registry;
    this.listener = listener;
  }

  /**
   * Registers all counters of a protocol, so that an alert sees the first refusal.
   *
   * <p>Only for listeners of that protocol. Other listeners rarely carry mail and create meters on
   * first use. Replies that are unusual for the protocol also get meters on first use.
   */
  void startFromZero(MailProtocol protocol) {
    plaintext(protocol);
    if (protocol == MailProtocol.SMTP) {
      startMessagesFromZero();
    }
    for (OriginReply reply : OriginReply.values()) {
      if (reply.isOfMailbox() != (protocol == MailProtocol.SMTP)) {
        reply(new Reply(protocol, reply));
      }
    }
  }

  void plaintextAccepted(MailProtocol protocol) {
    plaintext(protocol).increment();
  }

  void originReplied(MailProtocol protocol, OriginReply reply) {
    reply(new Reply(protocol, reply)).increment();
  }

  /** Registers all outcomes of sign-in and of messages, so that an alert sees the first failure. */
  void startSignInsFromZero() {
    for (SignInOutcome outcome : SignInOutcome.values()) {
      signIn(outcome);
    }
    startMessagesFromZero();
  }

  private void startMessagesFromZero() {
    repaired();
    EnumSet.complementOf(EnumSet.of(MessageOutcome.UNKNOWN)).forEach(this::message);
    for (MessageRefusal refusal : MessageRefusal.values()) {
      refusal(refusal);
    }
  }

  void signedIn(SignInOutcome outcome) {
    signIn(outcome).increment();
  }

  void messageRefused(MessageRefusal refusal) {
    refusal(refusal).increment();
  }

  void messageEnded(MailMessage message) {
    message(message.outcome()).increment();
    if (message.size() > 0) {
      sizes().record((double) message.size());
    }
    if (message.repairedLineEnds() > 0) {
      repaired().increment();
    }
  }

  private Counter message(MessageOutcome outcome) {
    return messages.computeIfAbsent(
        outcome, key -> MailMetricNames.MESSAGES.counter(registry, listener, key.label()));
  }

  private DistributionSummary sizes() {
    DistributionSummary known = sizes;
    if (known == null) {
      known = MailMetricNames.MESSAGE_SIZE.sizes(registry, Buckets.MESSAGE_SIZE, listener);
      sizes = known;
    }
    return known;
  }

  private Counter repaired() {
    Counter known = repaired;
    if (known == null) {
      known = MailMetricNames.MESSAGES_REPAIRED.counter(registry, listener);
      repaired = known;
    }
    return known;
  }

  private Counter refusal(MessageRefusal refusal) {
    return refusals.computeIfAbsent(
        refusal, key -> MailMetricNames.MESSAGE_REFUSALS.counter(registry, listener, key.label()));
  }

  private Counter signIn(SignInOutcome outcome) {
    return signIns.computeIfAbsent(
        outcome, key -> MailMetricNames.SIGN_INS.counter(registry, listener, key.label()));
  }

  private Counter plaintext(MailProtocol protocol) {
    return plaintext.computeIfAbsent(
        protocol, key -> MetricNames.PLAINTEXT_SESSIONS.counter(registry, listener, key.label()));
  }

  private Counter reply(Reply reply) {
    return replies.computeIfAbsent(
        reply,
        key ->
            MailMetricNames.ORIGIN_REPLIES.counter(
                registry, listener, key.protocol.label(), key.reply.label()));
  }

  private record Reply(MailProtocol protocol, OriginReply reply) {}
}
