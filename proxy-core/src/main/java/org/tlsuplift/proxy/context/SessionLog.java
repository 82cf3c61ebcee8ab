package org.tlsuplift.proxy.context;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;
import org.tlsuplift.proxy.model.DeviceHandshake;
import org.tlsuplift.proxy.model.DeviceSignIn;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.SessionId;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;
import org.tlsuplift.proxy.outcome.MessageRefusal;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.proxy.outcome.Outcome;
import org.tlsuplift.proxy.outcome.SignInOutcome;
import org.tlsuplift.proxy.tls.hello.OfferedText;

/**
 * Writes the log lines of a session for the operator: the cause of its end, and the remedy.
 *
 * <p>A session that fails writes one line with a remedy. If an earlier line explains the failure,
 * such as a refused sign-in, the end of the session writes no second line. Runs on the session's
 * event loop.
 */
final class SessionLog {
  private static final Logger log = LoggerFactory.getLogger("org.tlsuplift.session");

  /** SMTP reply: authentication required (RFC 4954 section 6). */
  private static final String NOT_SIGNED_IN = "530";

  private final SessionId id;
  private final String listener;
  private final String device;
  private @Nullable OriginReply refusedSignIn;
  private @Nullable String explained;
  private boolean replied;

  SessionLog(SessionId id, String listener, InetSocketAddress device) {
    this.id = id;
    this.listener = listener;
    this.device = device.getAddress().getHostAddress();
  }

  /** Logs the end of the session. The debug line has all details, also lists. */
  void closed(SessionSummary summary, Explanation why) {
    Level level = level(summary, why);
    if (level != Level.DEBUG && !isExplained(summary.reason(), why)) {
      SessionLine line =
          new SessionLine("session ended", withRemedy(summary, why))
              .with("reason", summary.reason().label());
      DeviceHandshake handshake = summary.deviceHandshake();
      if (handshake != null && isOfHandshake(summary.reason())) {
        line.with("handshake", handshake.outcome().label());
      } else if (handshake != null && handshake.outcome() != HandshakeOutcome.COMPLETED) {
        line.withOptional("handshake", handshake.outcome().label());
      }
      line.with("device", device).withOptional("action", summary.action().label());
      if (handshake != null && handshake.agreed() != null) {
        line.withOptional("agreed", handshake.agreed().version());
      }
      write(line.withCut("target", target(summary.target())), level);
    }
    if (log.isDebugEnabled()) {
      debug(summary);
    }
  }

  private boolean isExplained(CloseReason reason, Explanation why) {
    return why.cause().equals(explained) || (replied && reason == CloseReason.ORIGIN_REFUSED);
  }

  private static Explanation withRemedy(SessionSummary summary, Explanation why) {
    if (!why.remedy().isEmpty()) {
      return why;
    }
    DeviceHandshake handshake = summary.deviceHandshake();
    return Explanation.of(
        why.cause(),
        handshake != null && isOfHandshake(summary.reason())
            ? handshake.outcome().remedy()
            : summary.reason().remedy());
  }

  private static boolean isOfHandshake(CloseReason reason) {
    return reason == CloseReason.DEVICE_HANDSHAKE_FAILED
        || reason == CloseReason.NOT_TLS
        || reason == CloseReason.MALFORMED_HELLO;
  }

  private void debug(SessionSummary summary) {
    LoggingEventBuilder line =
        log.atDebug()
            .addKeyValue("reason", summary.reason().label())
            .addKeyValue("device", device)
            .addKeyValue("target", target(summary.target()))
            .addKeyValue("listener", listener)
            .addKeyValue("session", id)
            .addKeyValue("action", summary.action().label());
    DeviceHandshake handshake = summary.deviceHandshake();
    if (handshake != null) {
      line = line.addKeyValue("handshake", handshake.outcome().label());
      if (handshake.agreed() != null) {
        line =
            line.addKeyValue("agreed", handshake.agreed().version())
                .addKeyValue("cipher", handshake.agreed().cipherSuite());
      }
    }
    if (!summary.detail().isEmpty()) {
      line = line.addKeyValue("detail", summary.detail());
    }
    if (summary.offered() != null) {
      line = line.addKeyValue("offered", OfferedText.describe(summary.offered()));
    }
    line.log("session ended");
  }

  void plaintext(MailProtocol protocol) {
    Explanation why =
        Explanation.of(
            "anyone on the local network can read its mail and passwords",
            "enable TLS or STARTTLS in the device");
    write(
        new SessionLine("device does not encrypt", why)
            .with("protocol", protocol.label())
            .with("device", device),
        Level.WARN);
  }

  void signedIn(DeviceSignIn attempt, Explanation why) {
    Level level = level(attempt.outcome());
    boolean quiet = level == Level.DEBUG;
    OriginReply reply = refusedSignIn;
    refusedSignIn = null;
    if (attempt.outcome() != SignInOutcome.ABANDONED) {
      explained = quiet ? null : why.cause();
    }
    SessionLine line =
        new SessionLine("sign-in ended", quiet ? why : withRemedy(attempt.outcome(), why, reply))
            .withOptional("protocol", attempt.protocol().label())
            .with("outcome", attempt.outcome().label());
    if (reply != null) {
      line.with("reply", reply.label());
    }
    line.with("device", device);
    if (attempt.mailbox() != null) {
      line.withCut("mailbox", attempt.mailbox());
    }
    write(line, level);
  }

  private static Explanation withRemedy(
      SignInOutcome outcome, Explanation why, @Nullable OriginReply reply) {
    if (!why.remedy().isEmpty()) {
      return why;
    }
    return Explanation.of(why.cause(), reply == null ? outcome.remedy() : reply.signInRemedy());
  }

  void messageRefused(MessageRefusal refusal, @Nullable String mailbox, String cause) {
    SessionLine line =
        new SessionLine("message refused", Explanation.of(cause, refusal.remedy()))
            .with("refusal", refusal.label())
            .with("device", device);
    if (mailbox != null) {
      line.withCut("mailbox", mailbox);
    }
    write(line, Level.WARN);
  }

  /** Logs a known refusal by the origin. */
  void replied(@Nullable HostPort target, OriginReply reply) {
    replied = true;
    replied(target, reply.label(), reply.remedy());
  }

  /** Keeps a refusal of the proxy's own sign-in for the line that {@link #signedIn} writes. */
  void signInRefused(OriginReply reply) {
    refusedSignIn = reply;
  }

  /** Logs that the origin refused the device's own sign-in with a reply that is not known. */
  void deviceSignInRefused(@Nullable HostPort target, String reply) {
    replied(
        target,
        reply,
        reply.equals(NOT_SIGNED_IN)
            ? "set the user name and password in the device"
            : "check the user name and password in the device; some origins accept only OAuth");
  }

  private void replied(@Nullable HostPort target, String reply, String remedy) {
    write(
        new SessionLine("origin refused", Explanation.of("the reply is " + reply, remedy))
            .with("reply", reply)
            .with("device", device)
            .withCut("target", target(target)),
        Level.WARN);
  }

  void originReplaced(@Nullable HostPort target, String event, Explanation why) {
    SessionLine line = new SessionLine(event, why);
    write(line.with("device", device).withCut("target", target(target)), Level.WARN);
  }

  private void write(SessionLine line, Level level) {
    line.with("listener", listener).with("session", id).log(log, level);
  }

  private static String target(@Nullable HostPort target) {
    return target == null ? "none" : target.toString();
  }

  private static Level level(SessionSummary summary, Explanation why) {
    // The port checks of load balancers end in this way every few seconds.
    boolean onlyLooked = summary.reason() == CloseReason.DEVICE_RESET && summary.target() == null;
    Level level = onlyLooked ? Level.DEBUG : level(summary.reason());
    boolean wrong = level == Level.DEBUG && !onlyLooked && !why.remedy().isEmpty();
    return wrong ? Level.WARN : level;
  }

  private static Level level(Outcome outcome) {
    return Level.valueOf(outcome.level().name());
  }
}
