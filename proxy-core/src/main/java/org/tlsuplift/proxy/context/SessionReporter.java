package org.tlsuplift.proxy.context;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.DeviceCommand;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.DeviceHandshake;
import org.tlsuplift.proxy.model.DeviceSignIn;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailMessage;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.OriginHandshake;
import org.tlsuplift.proxy.model.SessionObserver;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;
import org.tlsuplift.proxy.outcome.MessageRefusal;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.proxy.upstream.dial.OriginUnavailableException;

/**
 * Reports the events of one session to its observer and the log, and adds them to its facts.
 *
 * <p>Runs on the session's event loop.
 */
public final class SessionReporter {
  private final SessionFacts facts;
  private final SessionObserver observer;
  private final SessionLog log;
  private final Set<OriginReply> replies = EnumSet.noneOf(OriginReply.class);
  private boolean deviceRefused;

  public SessionReporter(SessionFacts facts, SessionObserver observer) {
    this.facts = facts;
    this.observer = observer;
    this.log = new SessionLog(facts.id, facts.listener, facts.device());
  }

  public SessionObserver observer() {
    return observer;
  }

  public void negotiated(HostPort where) {
    if (!where.equals(facts.target)) {
      facts.target = where;
      observer.negotiated(where);
    }
  }

  public void helloReceived(ClientHello offered) {
    facts.hello = offered;
    observer.helloReceived(offered);
  }

  /** Reports the HELO or EHLO line of a mail device. */
  public void introduced(String line) {
    facts.introduction = line;
    String name = DeviceCommand.nameIn(line);
    if (!name.isEmpty()) {
      observer.introduced(name);
    }
  }

  public void plaintextAccepted(MailProtocol protocol) {
    log.plaintext(protocol);
    observer.plaintextAccepted(protocol);
  }

  /** Reports and logs each known refusal once. */
  public void originReplied(MailProtocol protocol, OriginReply reply) {
    if (replies.add(reply)) {
      log.replied(facts.target, reply);
      observer.originReplied(protocol, reply);
    }
  }

  /** Reports a known refusal of the proxy's own sign-in. {@link #signedIn} logs the remedy. */
  public void signInRefused(MailProtocol protocol, OriginReply reply) {
    log.signInRefused(reply);
    if (replies.add(reply)) {
      observer.originReplied(protocol, reply);
    }
  }

  /** Reports once that the origin refused the device's own sign-in, such as with {@code 535}. */
  public void deviceSignInRefused(String reply) {
    if (!deviceRefused) {
      deviceRefused = true;
      log.deviceSignInRefused(facts.target, reply);
      observer.deviceSignInRefused();
    }
  }

  /** Reports that the origin accepted the device's own sign-in to its mailbox. */
  public void deviceSignInAccepted() {
    observer.deviceSignInAccepted();
  }

  /**
   * Reports and logs the end of a sign-in by the proxy.
   *
   * @param why the explanation whose text is the attempt's detail
   */
  public void signedIn(DeviceSignIn attempt, Explanation why) {
    facts.signedIn = true;
    log.signedIn(attempt, why);
    observer.signedIn(attempt);
  }

  /**
   * This proxy refused a message or a recipient, and the session continues.
   *
   * @param mailbox of a signed-in device, otherwise null
   */
  public void messageRefused(MessageRefusal refusal, @Nullable String mailbox, String cause) {
    log.messageRefused(refusal, mailbox, cause);
    observer.messageRefused(refusal);
  }

  /** This proxy refused a message and ends the session, whose end is logged. */
  public void messageRefused(MessageRefusal refusal) {
    observer.messageRefused(refusal);
  }

  /**
   * Logs what happens to the mail of this session without its origin.
   *
   * @param event a constant
   */
  public void originReplaced(String event, Explanation why) {
    log.originReplaced(facts.target, event, why);
  }

  public void messageEnded(MailMessage message) {
    observer.messageEnded(message);
  }

  public void decided(Action decision) {
    facts.action = decision;
    observer.decided(decision);
  }

  public void deviceHandshake(DeviceHandshake handshake) {
    facts.deviceHandshake = handshake;
    observer.deviceHandshake(handshake);
  }

  /** Reports the outcome of a device handshake that never started, so that it is counted. */
  public void noDeviceHandshake(HandshakeOutcome outcome, Explanation why) {
    deviceHandshake(new DeviceHandshake(outcome, null, Duration.ZERO, why.text()));
  }

  public void originHandshake(@Nullable OriginHandshake handshake) {
    if (handshake != null) {
      facts.originHandshake = handshake;
      observer.originHandshake(handshake);
    }
  }

  /** Reports the failed origin handshake, if there was one, and returns the close reason. */
  public CloseReason originFailed(Throwable cause) {
    if (cause instanceof OriginUnavailableException unavailable) {
      originHandshake(unavailable.handshake());
      return unavailable.reason();
    }
    return CloseReason.INTERNAL_ERROR;
  }

  /** Explains why an origin is unavailable. */
  public static Explanation explanation(Throwable cause) {
    return cause instanceof OriginUnavailableException unavailable
        ? unavailable.why()
        : Explanation.of(String.valueOf(cause.getMessage()));
  }

  public void tunnelAgreed(TlsParameters agreed) {
    facts.tunnelled = agreed;
    observer.tunnelAgreed(agreed);
  }

  /**
   * Reports and logs the end of the session.
   *
   * @param relayed whether the relay started; a device that sent no bytes then gets the reason
   *     {@link CloseReason#DEVICE_CLOSED_UNUSED}
   */
  public SessionSummary closed(
      CloseReason reason, Explanation why, long bytesUp, long bytesDown, boolean relayed) {
    SessionFacts.End end = facts.end(reason, why, relayed && bytesUp == 0);
    SessionSummary summary = facts.summary(end, bytesUp, bytesDown);
    log.closed(summary, end.why());
    observer.closed(summary);
    return summary;
  }
}
