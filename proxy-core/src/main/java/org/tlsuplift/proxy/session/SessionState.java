package org.tlsuplift.proxy.session;

import io.netty.channel.Channel;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.Direction;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.relay.Relay;
import org.tlsuplift.proxy.setup.BridgeSetup;
import org.tlsuplift.proxy.setup.ForwardSetup;
import org.tlsuplift.proxy.setup.LingeringClose;
import org.tlsuplift.proxy.setup.PlaintextSetup;
import org.tlsuplift.proxy.setup.Setup;
import org.tlsuplift.proxy.setup.TunnelSetup;
import org.tlsuplift.proxy.setup.signin.SignInSetup;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;
import org.tlsuplift.proxy.upstream.mail.MailOrigin;

/**
 * The state of a session. Each state holds what is known at that point.
 *
 * <pre>
 * {@link Negotiating} - [{@link Conversing}] - {@link InspectingHello} - {@link Connecting} - {@link Relaying} - {@link Closed}
 * </pre>
 *
 * Only mail devices that wait for a greeting enter {@link Conversing}. A mail device that may stay
 * in plaintext goes to {@link Connecting} without a ClientHello, and so does a request in plain
 * HTTP. Every state may go to {@link Closed}. In {@link Connecting}, a {@link BridgeSetup}, {@link
 * SignInSetup}, {@link TunnelSetup}, {@link PlaintextSetup} or {@link ForwardSetup} does the work.
 */
sealed interface SessionState {
  /** The bytes that were relayed in a direction. */
  default long bytes(Direction direction) {
    return 0;
  }

  /** Tells a mail device why the session ends. Returns false if the device cannot read it. */
  default boolean sayLast(Channel device, String why) {
    return false;
  }

  /** The failure of the origin for which the device was refused STARTTLS, or null. */
  default @Nullable Throwable refusal() {
    return null;
  }

  /**
   * What is wrong with a mail device that leaves now, or null.
   *
   * @param elapsed since it connected: a check of the port ends at once, and a device that stays
   *     longer waits for something that never comes
   */
  default @Nullable Explanation unfinished(Duration elapsed) {
    return null;
  }

  /** Gives up the dial of the origin, and closes its connection. */
  default void abandon() {}

  /** The session waits for the device, which has a limited time. */
  sealed interface Awaiting extends SessionState {
    /** What did not arrive in time. A mail device gets the cause. */
    Explanation overdue();
  }

  private static Explanation late(String cause) {
    return Explanation.of(cause, CloseReason.NEGOTIATION_TIMEOUT.remedy());
  }

  /** The device expects TLS, and may get an alert in the clear. */
  sealed interface AlertAllowed extends SessionState {}

  /** The route is decided, and a setup reports what happens. */
  sealed interface Routed extends SessionState {}

  /** The target of the device is not known yet. */
  record Negotiating() implements Awaiting {
    @Override
    public Explanation overdue() {
      return late("the device named no target in time");
    }
  }

  /** The device speaks mail in plaintext until it asks for TLS. */
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
    public boolean sayLast(Channel device, String why) {
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
   * @param mail the mail service under TLS, or null for other traffic
   * @param origin the origin that is dialled already, or null
   */
  record InspectingHello(HostPort target, @Nullable MailService mail, @Nullable MailOrigin origin)
      implements Awaiting, AlertAllowed {
    /** How long a check of the port may take. */
    private static final Duration PORT_CHECK = Duration.ofSeconds(2);

    private boolean isAfterStartTls() {
      return origin != null;
    }

    /** Why the session ends if the device sends plaintext. */
    CloseReason withoutTls() {
      return isAfterStartTls() ? CloseReason.PLAINTEXT_AFTER_STARTTLS : CloseReason.NOT_TLS;
    }

    String expected() {
      return "expected a TLS ClientHello" + (isAfterStartTls() ? " after STARTTLS" : "");
    }

    @Override
    public Explanation overdue() {
      Explanation awaited = greetingAwaited();
      return awaited == null ? late("no complete ClientHello in time") : awaited;
    }

    @Override
    public @Nullable Explanation unfinished(Duration elapsed) {
      return elapsed.compareTo(PORT_CHECK) > 0 ? greetingAwaited() : null;
    }

    /** Why a mail device starts no TLS although its listener expects it at once; else null. */
    private @Nullable Explanation greetingAwaited() {
      return mail == null || isAfterStartTls()
          ? null
          : Explanation.of(
              "the device uses STARTTLS or no encryption here: it waits for a greeting",
              "point it at the STARTTLS port, or set 'downstreamTls: optional' here");
    }

    @Override
    public void abandon() {
      if (origin != null) {
        origin.close();
      }
    }
  }

  /**
   * The route is decided, and a setup prepares both sides.
   *
   * @param mail the mail protocol if the proxy can read both sides, or null
   */
  record Connecting(Setup setup, @Nullable MailProtocol mail) implements Routed, AlertAllowed {
    @Override
    public boolean sayLast(Channel device, String why) {
      return tellReadyDevice(device, why) || setup.sayLast(why);
    }

    /** Tells a mail device that waits only for the origin why the session ends. */
    boolean tellReadyDevice(Channel device, String why) {
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

  /** The relay carries bytes. */
  record Relaying(Relay relay, OriginConnection origin) implements Routed {
    @Override
    public long bytes(Direction direction) {
      return relay.bytes(direction);
    }

    @Override
    public void abandon() {
      var unused = origin.channel().close();
    }
  }

  /** The session has ended. */
  record Closed() implements SessionState {}
}
