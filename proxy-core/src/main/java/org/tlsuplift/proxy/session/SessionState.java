package org.tlsuplift.proxy.session;

import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.Direction;
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
 * Where a session stands; each state holds what is known by then and no more.
 *
 * <pre>
 * {@link Negotiating} - [{@link Conversing}] - {@link InspectingHello} - {@link Connecting} - {@link Relaying} - {@link Closed}
 * </pre>
 *
 * Only devices of mail that wait for a greeting are conversed with; where that is allowed, one may
 * go on to {@link Connecting} without a ClientHello, and so does a request in plain HTTP. Every
 * state may go to {@link Closed}. What happens within {@link Connecting} is the matter of a {@link
 * BridgeSetup}, {@link SignInSetup}, {@link TunnelSetup}, {@link PlaintextSetup} or {@link
 * ForwardSetup}.
 */
sealed interface SessionState {
  /** What has been relayed in a direction. */
  default long bytes(Direction direction) {
    return 0;
  }

  /** Tells the device why it is left, if it can be told in words; answers whether it was. */
  default boolean sayLast(Channel device, String why) {
    return false;
  }

  /** The origin's refusal that the device has not been told yet, or null. */
  default @Nullable Throwable refusal() {
    return null;
  }

  /** Gives up what is on its way to the origin, and closes what is there. */
  default void abandon() {}

  /** A device is waited for, whose next step is timed. */
  sealed interface Awaiting extends SessionState {
    /** For the operator, and a device that can be told: what did not come in time. */
    String overdue();
  }

  /** The device expects TLS, and may get an alert in the clear. */
  sealed interface AlertAllowed extends SessionState {}

  /** The route is decided, and a setup reports what happens. */
  sealed interface Routed extends SessionState {}

  /** The device has yet to say where it wants to go. */
  record Negotiating() implements Awaiting {
    @Override
    public String overdue() {
      return "the device did not say in time where it wants to go";
    }
  }

  /** The device speaks mail in plaintext, until it asks for TLS. */
  record Conversing(HostPort target, MailService mail, StartTlsConversation negotiation)
      implements Awaiting {
    @Override
    public String overdue() {
      return "no complete command in time";
    }

    @Override
    public boolean sayLast(Channel device, String why) {
      LingeringClose.mail(device, mail.protocol(), why);
      return true;
    }

    @Override
    public @Nullable Throwable refusal() {
      return negotiation.refusal();
    }

    @Override
    public void abandon() {
      negotiation.abandon();
    }
  }

  /**
   * The device has yet to show what it offers.
   *
   * @param mail what will be spoken under TLS, or null when that is not mail
   * @param origin already on its way, or null when it has yet to be dialled
   */
  record InspectingHello(HostPort target, @Nullable MailService mail, @Nullable MailOrigin origin)
      implements Awaiting, AlertAllowed {
    private boolean isAfterStartTls() {
      return origin != null;
    }

    /** Why the session ends when the device goes on in plaintext. */
    CloseReason withoutTls() {
      return isAfterStartTls() ? CloseReason.PLAINTEXT_AFTER_STARTTLS : CloseReason.NOT_TLS;
    }

    String expected() {
      return "expected a TLS ClientHello" + (isAfterStartTls() ? " after STARTTLS" : "");
    }

    @Override
    public String overdue() {
      String why = "no complete ClientHello in time";
      return mail != null && !isAfterStartTls()
          ? why
              + "; a device that waits for a greeting uses STARTTLS or no encryption: set"
              + " 'downstreamTls: starttls' or 'optional' for it"
          : why;
    }

    @Override
    public void abandon() {
      if (origin != null) {
        origin.close();
      }
    }
  }

  /**
   * The route is decided; both sides are being made ready.
   *
   * @param mail what is spoken by a device and an origin that we both understand, or null
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

  /** Bytes flow. */
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

  /** Over. */
  record Closed() implements SessionState {}
}
