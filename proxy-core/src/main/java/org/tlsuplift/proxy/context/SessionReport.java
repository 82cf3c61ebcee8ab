package org.tlsuplift.proxy.context;

import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.DeviceCommand;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.DeviceHandshake;
import org.tlsuplift.proxy.model.DeviceSignIn;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HandshakeOutcome;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.MessageRefusal;
import org.tlsuplift.proxy.model.OriginHandshake;
import org.tlsuplift.proxy.model.OriginReply;
import org.tlsuplift.proxy.model.SessionId;
import org.tlsuplift.proxy.model.SessionObserver;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.upstream.dial.DialContext;
import org.tlsuplift.proxy.upstream.dial.OriginUnavailableException;
import org.tlsuplift.proxy.upstream.dial.SessionHoldings;

/** Reports events of a session to its observer and log, and keeps them for the summary. */
public final class SessionReport {
  /** Node.js, and most programs with OpenSSL before 1.1, verify after the handshake. */
  private static final Explanation UNUSED =
      Explanation.of("the device may not trust the CA: no data after the handshake");

  private final SessionId id;
  private final String listener;
  private final InetSocketAddress device;
  private @Nullable InetSocketAddress destination;
  private final SessionObserver observer;
  private final SessionLog log;
  private final SessionHoldings holdings = new SessionHoldings();
  private final Instant started = Instant.now();
  private final long startedNanos = System.nanoTime();
  private final Set<OriginReply> replies = EnumSet.noneOf(OriginReply.class);
  private @Nullable HostPort target;
  private @Nullable String introduction;
  private @Nullable ClientHello hello;
  private boolean signedIn;
  private boolean deviceRefused;
  private Action action = Action.DENY;
  private @Nullable DeviceHandshake deviceHandshake;
  private @Nullable OriginHandshake originHandshake;
  private @Nullable TlsParameters tunnelled;

  /**
   * Creates the report of one session.
   *
   * @param destination the address that the device connected to, or null if it is not known
   */
  public SessionReport(
      SessionId id,
      String listener,
      InetSocketAddress device,
      @Nullable InetSocketAddress destination,
      SessionObserver observer) {
    this.id = id;
    this.listener = listener;
    this.device = device;
    this.destination = destination;
    this.observer = observer;
    this.log = new SessionLog(id, listener, device);
  }

  /** The address of the device, also behind a load balancer that sends a PROXY header. */
  public InetSocketAddress device() {
    return device;
  }

  /** For whom origins are dialled, with the session on this channel. */
  public DialContext dialContext(Channel channel) {
    return new DialContext(channel.eventLoop(), device, destination, holdings);
  }

  /** Connections and permits of the session, which are released at its end. */
  public SessionHoldings holdings() {
    return holdings;
  }

  public SessionObserver observer() {
    return observer;
  }

  /** The device was redirected: it connected to that address and not to one of this proxy. */
  public void redirected(HostPort address) {
    destination = new InetSocketAddress(address.host(), address.port());
  }

  public void negotiated(HostPort where) {
    if (!where.equals(target)) {
      target = where;
      observer.negotiated(where);
    }
  }

  /** Records a target that was refused. */
  public void refused(@Nullable HostPort where) {
    target = where;
  }

  public void helloReceived(ClientHello offered) {
    hello = offered;
    observer.helloReceived(offered);
  }

  /** Records the line by which a mail device introduces itself. */
  public void introduced(String line) {
    introduction = line;
    String name = DeviceCommand.nameIn(line);
    if (!name.isEmpty()) {
      observer.introduced(name);
    }
  }

  /** The latest line by which the device introduced itself, or null. */
  public @Nullable String introduction() {
    return introduction;
  }

  public void plaintextAccepted(MailProtocol protocol) {
    log.plaintext(protocol);
    observer.plaintextAccepted(protocol);
  }

  /** Reports and logs each known refusal once. */
  public void originReplied(MailProtocol protocol, OriginReply reply) {
    if (replies.add(reply)) {
      log.replied(target, reply);
      observer.originReplied(protocol, reply);
    }
  }

  /** Reports a refusal of the sign-in by the proxy, of which {@link #signedIn} logs the remedy. */
  public void signInRefused(MailProtocol protocol, OriginReply reply) {
    log.signInRefused(reply);
    if (replies.add(reply)) {
      observer.originReplied(protocol, reply);
    }
  }

  /** Logs once that the origin refused the device's own sign-in, by a reply such as {@code 535}. */
  public void deviceSignInRefused(String reply) {
    if (!deviceRefused) {
      deviceRefused = true;
      log.deviceSignInRefused(target, reply);
      observer.deviceSignInRefused();
    }
  }

  /**
   * A sign-in by the proxy has ended.
   *
   * @param why its cause is the detail of the attempt
   */
  public void signedIn(DeviceSignIn attempt, Explanation why) {
    signedIn = true;
    log.signedIn(attempt, why);
    observer.signedIn(attempt);
  }

  public void messageRefused(MessageRefusal refusal, String mailbox, String cause) {
    log.messageRefused(refusal, mailbox, cause);
    observer.messageRefused(refusal);
  }

  public void decided(Action decision) {
    action = decision;
    observer.decided(decision);
  }

  public void deviceHandshake(DeviceHandshake handshake) {
    deviceHandshake = handshake;
    observer.deviceHandshake(handshake);
  }

  /** Reports a handshake that never began, so that its outcome is counted. */
  public void noDeviceHandshake(HandshakeOutcome outcome, Explanation why) {
    deviceHandshake(new DeviceHandshake(outcome, null, Duration.ZERO, why.text()));
  }

  /** The offer of the device, or null before its ClientHello. */
  public @Nullable ClientHello hello() {
    return hello;
  }

  public boolean hasDeviceHandshake() {
    return deviceHandshake != null;
  }

  public void originHandshake(@Nullable OriginHandshake handshake) {
    if (handshake != null) {
      originHandshake = handshake;
      observer.originHandshake(handshake);
    }
  }

  /** Reports the handshake with an unavailable origin, if any; returns why the session ends. */
  public CloseReason originFailed(Throwable cause) {
    if (cause instanceof OriginUnavailableException unavailable) {
      originHandshake(unavailable.handshake());
      return unavailable.reason();
    }
    return CloseReason.INTERNAL_ERROR;
  }

  /** Why an origin is not available. */
  public static Explanation explanation(Throwable cause) {
    return cause instanceof OriginUnavailableException unavailable
        ? unavailable.why()
        : Explanation.of(String.valueOf(cause.getMessage()));
  }

  /** How long the session has lasted. */
  public Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - startedNanos);
  }

  public void tunnelAgreed(TlsParameters agreed) {
    tunnelled = agreed;
    observer.tunnelAgreed(agreed);
  }

  /**
   * The end of the session.
   *
   * @param relayed whether the relay had begun; a device that left it unused gets its own reason
   */
  public void closed(
      CloseReason reason, Explanation why, long bytesUp, long bytesDown, boolean relayed) {
    boolean unused =
        relayed
            && reason == CloseReason.DEVICE_CLOSED
            && bytesUp == 0
            && !signedIn
            && deviceHandshake != null
            && deviceHandshake.outcome() == HandshakeOutcome.COMPLETED;
    Explanation explanation = unused ? UNUSED : why;
    SessionSummary summary =
        new SessionSummary(
            id,
            listener,
            device,
            started,
            elapsed(),
            target,
            hello,
            action,
            unused ? CloseReason.DEVICE_CLOSED_UNUSED : reason,
            explanation.text(),
            deviceHandshake,
            originHandshake,
            tunnelled,
            bytesUp,
            bytesDown);
    log.closed(summary, explanation);
    observer.closed(summary);
  }
}
