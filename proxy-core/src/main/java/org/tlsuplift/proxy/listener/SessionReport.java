package org.tlsuplift.proxy.listener;

import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.DeviceCommand;
import org.tlsuplift.proxy.session.Action;
import org.tlsuplift.proxy.session.ClientHello;
import org.tlsuplift.proxy.session.CloseReason;
import org.tlsuplift.proxy.session.DeviceHandshake;
import org.tlsuplift.proxy.session.DeviceSignIn;
import org.tlsuplift.proxy.session.HandshakeOutcome;
import org.tlsuplift.proxy.session.HostPort;
import org.tlsuplift.proxy.session.MailProtocol;
import org.tlsuplift.proxy.session.MessageRefusal;
import org.tlsuplift.proxy.session.OriginHandshake;
import org.tlsuplift.proxy.session.OriginReply;
import org.tlsuplift.proxy.session.SessionId;
import org.tlsuplift.proxy.session.SessionObserver;
import org.tlsuplift.proxy.session.SessionSummary;
import org.tlsuplift.proxy.session.TlsParameters;
import org.tlsuplift.proxy.upstream.Caller;
import org.tlsuplift.proxy.upstream.OriginUnavailableException;
import org.tlsuplift.proxy.upstream.SessionHoldings;

/** Tells a session's observer what happens, and remembers it for the summary at the end. */
final class SessionReport {
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
  SessionReport(
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
  InetSocketAddress device() {
    return device;
  }

  /** For whom origins are called, with the session on this channel. */
  Caller caller(Channel channel) {
    return new Caller(channel.eventLoop(), device, destination, holdings);
  }

  /** What the session holds towards its origin, to be released at its end. */
  SessionHoldings holdings() {
    return holdings;
  }

  SessionObserver observer() {
    return observer;
  }

  /** The device was redirected: it connected to that address, and not to one of ours. */
  void redirected(HostPort address) {
    destination = new InetSocketAddress(address.host(), address.port());
  }

  void negotiated(HostPort where) {
    if (!where.equals(target)) {
      target = where;
      observer.negotiated(where);
    }
  }

  /** Remembers a target that was refused. */
  void refused(@Nullable HostPort where) {
    target = where;
  }

  void helloReceived(ClientHello offered) {
    hello = offered;
    observer.helloReceived(offered);
  }

  /** Remembers the line by which a device of mail says who it is. */
  void introduced(String line) {
    introduction = line;
    String name = DeviceCommand.nameIn(line);
    if (!name.isEmpty()) {
      observer.introduced(name);
    }
  }

  /** The latest line by which the device said who it is, or null. */
  @Nullable String introduction() {
    return introduction;
  }

  void plaintextAccepted(MailProtocol protocol) {
    SessionLog.plaintext(id, listener, device, protocol);
    observer.plaintextAccepted(protocol);
  }

  /** Tells and logs each known refusal once. */
  void originReplied(MailProtocol protocol, OriginReply reply) {
    replied(protocol, reply, reply.remedy());
  }

  /** The same of the sign-in that is ours. */
  void signInRefused(MailProtocol protocol, OriginReply reply) {
    replied(protocol, reply, reply.signInRemedy());
  }

  private void replied(MailProtocol protocol, OriginReply reply, String remedy) {
    if (replies.add(reply)) {
      SessionLog.replied(id, listener, device, target, reply, remedy);
      observer.originReplied(protocol, reply);
    }
  }

  void signedIn(DeviceSignIn attempt) {
    signedIn = true;
    SessionLog.signedIn(id, listener, device, attempt);
    observer.signedIn(attempt);
  }

  void messageRefused(MessageRefusal refusal, String mailbox, String detail) {
    SessionLog.messageRefused(id, listener, device, refusal, mailbox, detail);
    observer.messageRefused(refusal);
  }

  void decided(Action decision) {
    action = decision;
    observer.decided(decision);
  }

  void deviceHandshake(DeviceHandshake handshake) {
    deviceHandshake = handshake;
    observer.deviceHandshake(handshake);
  }

  /** A handshake that never began, so that it is counted with its outcome. */
  void noDeviceHandshake(HandshakeOutcome outcome, String detail) {
    deviceHandshake(new DeviceHandshake(outcome, null, Duration.ZERO, detail));
  }

  /** What the device offers, or null when that is not known. */
  @Nullable ClientHello hello() {
    return hello;
  }

  boolean hasDeviceHandshake() {
    return deviceHandshake != null;
  }

  void originHandshake(@Nullable OriginHandshake handshake) {
    if (handshake != null) {
      originHandshake = handshake;
      observer.originHandshake(handshake);
    }
  }

  /** The handshake with an origin that cannot be had, if it came so far; why the session ends. */
  CloseReason originFailed(Throwable cause) {
    if (cause instanceof OriginUnavailableException unavailable) {
      originHandshake(unavailable.handshake());
      return unavailable.reason();
    }
    return CloseReason.INTERNAL_ERROR;
  }

  void tunnelAgreed(TlsParameters agreed) {
    tunnelled = agreed;
    observer.tunnelAgreed(agreed);
  }

  /**
   * The end of the session.
   *
   * @param relayed whether the relay had begun; a device that left it unused is told from others
   */
  void closed(CloseReason reason, String detail, long bytesUp, long bytesDown, boolean relayed) {
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
