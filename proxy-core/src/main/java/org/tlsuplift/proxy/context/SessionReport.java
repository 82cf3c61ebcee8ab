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

/** Tells a session's observer what happens, and remembers it for the summary at the end. */
public final class SessionReport {
  /** Node.js, and most programs with an OpenSSL before 1.1, verify after the handshake. */
  private static final String UNUSED =
      "after the handshake, without having sent anything: it may not trust the certificate or its"
          + " name";

  private final SessionId id;
  private final String listener;
  private final InetSocketAddress device;
  private @Nullable InetSocketAddress destination;
  private final SessionObserver observer;
  private final SessionHoldings holdings = new SessionHoldings();
  private final Instant started = Instant.now();
  private final long startedNanos = System.nanoTime();
  private final Set<OriginReply> replies = EnumSet.noneOf(OriginReply.class);
  private @Nullable HostPort target;
  private @Nullable String introduction;
  private @Nullable ClientHello hello;
  private boolean signedIn;
  private Action action = Action.DENY;
  private @Nullable DeviceHandshake deviceHandshake;
  private @Nullable OriginHandshake originHandshake;
  private @Nullable TlsParameters tunnelled;

  /**
   * A report about one session.
   *
   * @param destination where the device connected to, or null if that is not known any more
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
  }

  /** The device's address, also where a proxy in between connected for it. */
  public InetSocketAddress device() {
    return device;
  }

  /** For whom origins are called, with the session on this channel. */
  public DialContext dialContext(Channel channel) {
    return new DialContext(channel.eventLoop(), device, destination, holdings);
  }

  /** What the session holds towards its origin, to be released at its end. */
  public SessionHoldings holdings() {
    return holdings;
  }

  public SessionObserver observer() {
    return observer;
  }

  /** The device was redirected: it connected to that address, and not to one of ours. */
  public void redirected(HostPort address) {
    destination = new InetSocketAddress(address.host(), address.port());
  }

  public void negotiated(HostPort where) {
    if (!where.equals(target)) {
      target = where;
      observer.negotiated(where);
    }
  }

  /** Remembers a target that was refused. */
  public void refused(@Nullable HostPort where) {
    target = where;
  }

  public void helloReceived(ClientHello offered) {
    hello = offered;
    observer.helloReceived(offered);
  }

  /** Remembers the line by which a device of mail says who it is. */
  public void introduced(String line) {
    introduction = line;
    String name = DeviceCommand.nameIn(line);
    if (!name.isEmpty()) {
      observer.introduced(name);
    }
  }

  /** The latest line by which the device said who it is, or null. */
  public @Nullable String introduction() {
    return introduction;
  }

  public void plaintextAccepted(MailProtocol protocol) {
    SessionLog.plaintext(id, listener, device, protocol);
    observer.plaintextAccepted(protocol);
  }

  /** Tells and logs each known refusal once. */
  public void originReplied(MailProtocol protocol, OriginReply reply) {
    replied(protocol, reply, reply.remedy());
  }

  /** The same of the sign-in that is ours. */
  public void signInRefused(MailProtocol protocol, OriginReply reply) {
    replied(protocol, reply, reply.signInRemedy());
  }

  private void replied(MailProtocol protocol, OriginReply reply, String remedy) {
    if (replies.add(reply)) {
      SessionLog.replied(id, listener, device, target, reply, remedy);
      observer.originReplied(protocol, reply);
    }
  }

  public void signedIn(DeviceSignIn attempt) {
    signedIn = true;
    SessionLog.signedIn(id, listener, device, attempt);
    observer.signedIn(attempt);
  }

  public void messageRefused(MessageRefusal refusal, String mailbox, String detail) {
    SessionLog.messageRefused(id, listener, device, refusal, mailbox, detail);
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

  /** A handshake that never began, so that it is counted with its outcome. */
  public void noDeviceHandshake(HandshakeOutcome outcome, String detail) {
    deviceHandshake(new DeviceHandshake(outcome, null, Duration.ZERO, detail));
  }

  /** What the device offers, or null when that is not known. */
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

  /** The handshake with an origin that cannot be had, if it came so far; why the session ends. */
  public CloseReason originFailed(Throwable cause) {
    if (cause instanceof OriginUnavailableException unavailable) {
      originHandshake(unavailable.handshake());
      return unavailable.reason();
    }
    return CloseReason.INTERNAL_ERROR;
  }

  public void tunnelAgreed(TlsParameters agreed) {
    tunnelled = agreed;
    observer.tunnelAgreed(agreed);
  }

  /**
   * The end of the session.
   *
   * @param relayed whether the relay had begun; a device that left it unused is told from others
   */
  public void closed(
      CloseReason reason, String detail, long bytesUp, long bytesDown, boolean relayed) {
    boolean unused =
        relayed
            && reason == CloseReason.DEVICE_CLOSED
            && bytesUp == 0
            && !signedIn
            && deviceHandshake != null
            && deviceHandshake.outcome() == HandshakeOutcome.COMPLETED;
    SessionSummary summary =
        new SessionSummary(
            id,
            listener,
            device,
            started,
            Duration.ofNanos(System.nanoTime() - startedNanos),
            target,
            hello,
            action,
            unused ? CloseReason.DEVICE_CLOSED_UNUSED : reason,
            unused ? UNUSED : detail,
            deviceHandshake,
            originHandshake,
            tunnelled,
            bytesUp,
            bytesDown);
    SessionLog.closed(summary);
    observer.closed(summary);
  }
}
