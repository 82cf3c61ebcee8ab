package org.tlsuplift.server.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
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
 * <p>The map is bounded, because the labels are of enums.
 */
final class MailMeters {
  private final Map<Key, Counter> counters = new ConcurrentHashMap<>();
  private final MeterRegistry registry;
  private final String listener;
  private volatile @Nullable DistributionSummary sizes;

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
        reply(protocol, reply);
      }
    }
  }

  void plaintextAccepted(MailProtocol protocol) {
    plaintext(protocol).increment();
  }

  void originReplied(MailProtocol protocol, OriginReply reply) {
    reply(protocol, reply).increment();
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

  private DistributionSummary sizes() {
    DistributionSummary known = sizes;
    if (known == null) {
      known = MailMetricNames.MESSAGE_SIZE.sizes(registry, Buckets.MESSAGE_SIZE, listener);
      sizes = known;
    }
    return known;
  }

  private Counter message(MessageOutcome outcome) {
    return counter(MailMetricNames.MESSAGES, outcome.label());
  }

  private Counter repaired() {
    return counter(MailMetricNames.MESSAGES_REPAIRED);
  }

  private Counter refusal(MessageRefusal refusal) {
    return counter(MailMetricNames.MESSAGE_REFUSALS, refusal.label());
  }

  private Counter signIn(SignInOutcome outcome) {
    return counter(MailMetricNames.SIGN_INS, outcome.label());
  }

  private Counter plaintext(MailProtocol protocol) {
    return counter(MetricNames.PLAINTEXT_SESSIONS, protocol.label());
  }

  private Counter reply(MailProtocol protocol, OriginReply reply) {
    return counter(MailMetricNames.ORIGIN_REPLIES, protocol.label(), reply.label());
  }

  /**
   * @param labels without the listener, which is the first
   */
  private Counter counter(MeterName name, String... labels) {
    return counters.computeIfAbsent(
        new Key(name, List.of(labels)),
        key ->
            name.counter(
                registry,
                Stream.concat(Stream.of(listener), Stream.of(labels)).toArray(String[]::new)));
  }

  private record Key(MeterName name, List<String> labels) {}
}
