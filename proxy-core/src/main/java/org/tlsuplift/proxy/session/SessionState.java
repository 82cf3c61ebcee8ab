package org.tlsuplift.proxy.session;

import io.netty.channel.Channel;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.HandshakeQueue;
import org.tlsuplift.proxy.context.HandshakeQueues;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.guard.SmtpGuard;
import org.tlsuplift.proxy.model.Direction;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.relay.AbruptClose;
import org.tlsuplift.proxy.relay.Relay;
import org.tlsuplift.proxy.setup.BridgeSetup;
import org.tlsuplift.proxy.setup.ForwardSetup;
import org.tlsuplift.proxy.setup.LingeringClose;
import org.tlsuplift.proxy.setup.PlaintextSetup;
import org.tlsuplift.proxy.setup.Setup;
import org.tlsuplift.proxy.setup.SignInSetup;
import org.tlsuplift.proxy.setup.TunnelSetup;
import org.tlsuplift.proxy.upstream.MailOrigin;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;

/**
 * The states of a session. Each state holds the data that is known by then.
 *
 * <pre>
 * {@link Negotiating} - [{@link Conversing}] - {@link InspectingHello} - [{@link Queued}] - {@link Connecting} - {@link Relaying} - {@link Closed}
 * </pre>
 *
 * Only mail devices that wait for a greeting enter {@link Conversing}. A mail device that stays in
 * plaintext enters {@link Connecting} without a ClientHello, and so does a plain HTTP request. Only
 * devices that are bridged are {@link Queued}. Every state may change to {@link Closed}. {@link
 * Connecting} has a {@link BridgeSetup}, {@link SignInSetup}, {@link TunnelSetup}, {@link
 * PlaintextSetup} or {@link ForwardSetup}.
 */
sealed interface SessionState {
  /** The number of bytes that the relay has carried in a direction. */
  default long bytes(Direction direction) {
    return 0;
  }

  /** Tells a mail device why the session ends. Returns false if the device cannot read it. */
  default boolean sendLastReply(Channel device, String why) {
    return false;
  }

  /** The origin failure because of which the proxy refused STARTTLS, or null. */
  default @Nullable Throwable refusal() {
    return null;
  }

  /**
   * The explanation for a mail device that disconnects before it encrypts; null if nothing is
   * wrong.
   *
   * @param elapsed the time since it connected; a port check ends at once, and a device that stays
   *     longer waits for a greeting that the proxy does not send
   */
  default @Nullable Explanation unfinished(Duration elapsed) {
    return null;
  }

  /** Cancels the dial of the origin and closes its connection. */
  default void abandon() {}

  /** The session waits for the device until the negotiation timeout. */
  sealed interface Awaiting extends SessionState {
    /** What did not arrive in time. A mail device gets the cause as a reply. */
    Explanation overdue();
  }

  private static Explanation late(String cause) {
    return Explanation.of(cause, CloseReason.NEGOTIATION_TIMEOUT.remedy());
  }

  /** The device expects TLS and may get an unencrypted alert. */
  sealed interface AlertAllowed extends SessionState {}

  /** The route is decided, and the setup or the relay reports events. */
  sealed interface Routed extends SessionState {}

  /** The device's target is not known yet. */
  record Negotiating() implements Awaiting {
    @Override
    public Explanation overdue() {
      return late("the device sent no target in time");
    }
  }

  /** The device uses a mail protocol in plaintext until it requests TLS. */
  record Conversing(HostPort target, MailService mail, StartTlsConversation conversation)
      implements Awaiting {
    @Override
    public @Nullable Explanation unfinished(Duration elapsed) {
      return conversation.unencrypted();
    }

    @Override
    public Explanation overdue() {
      Explanation unencrypted = conversation.unencrypted();
      return unencrypted == null ? late("no complete command in time") : unencrypted;
    }

    @Override
    public boolean sendLastReply(Channel device, String why) {
      LingeringClose.mail(device, mail.protocol(), why);
      return true;
    }

    @Override
    public @Nullable Throwable refusal() {
      return conversation.refusal();
    }

    @Override
    public void abandon() {
      conversation.abandon();
    }
  }

  /**
   * The session waits for the ClientHello.
   *
   * @param mail the mail service inside TLS, or null for other traffic
   * @param origin the origin if it is already dialled, or null
   */
  record InspectingHello(HostPort target, @Nullable MailService mail, @Nullable MailOrigin origin)
      implements Awaiting, AlertAllowed {
    /** A connection that ends within this time is a port check. */
    private static final Duration PORT_CHECK = Duration.ofSeconds(2);

    private boolean isAfterStartTls() {
      return origin != null;
    }

    /** The close reason if the device sends plaintext instead of TLS. */
    CloseReason withoutTls() {
      return isAfterStartTls() ? CloseReason.PLAINTEXT_AFTER_STARTTLS : CloseReason.NOT_TLS;
    }

    String expected() {
      return "expected a TLS ClientHello" + (isAfterStartTls() ? " after STARTTLS" : "");
    }

    @Override
    public Explanation overdue() {
      Explanation awaited = greetingAwaited();
      return awaited == null ? late("the device sent no complete ClientHello in time") : awaited;
    }

    @Override
    public @Nullable Explanation unfinished(Duration elapsed) {
      return elapsed.compareTo(PORT_CHECK) > 0 ? greetingAwaited() : null;
    }

    /** The explanation for a mail device on a listener with implicit TLS; null for others. */
    private @Nullable Explanation greetingAwaited() {
      return mail == null || isAfterStartTls()
          ? null
          : Explanation.of(
              "the device waits for a greeting: it uses STARTTLS or no encryption",
              "use the STARTTLS port, or set 'downstreamTls: optional' on this listener");
    }

    @Override
    public void abandon() {
      if (origin != null) {
        origin.close();
      }
    }
  }

  /**
   * The route is decided, and the device waits for its handshake to begin.
   *
   * @param inspected the state before, which may hold the connection to the origin
   * @param next the state that follows, whose setup has not been started
   */
  record Queued(InspectingHello inspected, HandshakeQueue.Place place, Connecting next)
      implements Routed, AlertAllowed {
    /** The explanation for a device that gives up. */
    Explanation gaveUp() {
      return late("the device gave up after", place.waited());
    }

    Explanation tooLate() {
      return late("no handshake within", place.waited());
    }

    private static Explanation late(String what, Duration waited) {
      return Explanation.of(
          "%s %d s, because many devices wait for their handshakes"
              .formatted(what, waited.toSeconds()),
          HandshakeQueues.REMEDY);
    }

    @Override
    public void abandon() {
      place.leave();
      inspected.abandon();
    }
  }

  /**
   * The route is decided, and a setup prepares both sides.
   *
   * @param mail the mail protocol if the proxy can read both directions, or null
   */
  record Connecting(Setup setup, @Nullable MailProtocol mail) implements Routed, AlertAllowed {
    @Override
    public boolean sendLastReply(Channel device, String why) {
      return sendFailureIfReady(device, why) || setup.sendLastReply(why);
    }

    /** If a mail device waits only for the origin, sends a reply with the reason of the close. */
    boolean sendFailureIfReady(Channel device, String why) {
      if (mail == null || !setup.isDeviceReady()) {
        return false;
      }
      LingeringClose.mail(device, mail, why);
      return true;
    }

    @Override
    public void abandon() {
      setup.abandon();
    }
  }

  /**
   * The relay is running.
   *
   * @param guard the guard of an SMTP session, or null
   */
  record Relaying(Relay relay, OriginConnection origin, @Nullable SmtpGuard guard)
      implements Routed {
    @Override
    public long bytes(Direction direction) {
      return relay.bytes(direction);
    }

    @Override
    public void abandon() {
      if (guard != null) {
        guard.sessionEnds();
      }
      AbruptClose.close(origin.channel());
    }
  }

  /** The session has ended. */
  record Closed() implements SessionState {}
}
