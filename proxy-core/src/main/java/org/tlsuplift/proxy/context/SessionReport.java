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
import org.tlsuplift.proxy.model.DeviceHandshake;
import org.tlsuplift.proxy.model.DeviceSignIn;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailMessage;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.OriginHandshake;
import org.tlsuplift.proxy.model.SessionId;
import org.tlsuplift.proxy.model.SessionObserver;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;
import org.tlsuplift.proxy.outcome.MessageRefusal;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.proxy.signin.AccountResult;
import org.tlsuplift.proxy.upstream.dial.DialContext;
import org.tlsuplift.proxy.upstream.dial.OriginUnavailableException;
import org.tlsuplift.proxy.upstream.dial.SessionHoldings;

/**
 * Reports the events of one session to its observer and the log, and keeps them for the summary.
 *
 * <p>Runs on the session's event loop.
 */
public final class SessionReport {
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
  private AccountResult.@Nullable Known account;
  private String trustRemedy = "";
  private boolean deviceRefused;
  private Action action = Action.DENY;
  private @Nullable DeviceHandshake deviceHandshake;
  private @Nullable OriginHandshake originHandshake;
  private @Nullable TlsParameters tunnelled;
  private Runnable lastReport = () -> {};

  /**
   * Creates the report of one session.
   *
   * @param destination the address to which the device connected, or null if it is unknown
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

  /** The device's address; behind a load balancer, the address in the PROXY header. */
  public InetSocketAddress device() {
    return device;
  }

  /** The data for dialling origins of this session, whose device uses the given channel. */
  public DialContext dialContext(Channel channel) {
    return new DialContext(channel.eventLoop(), device, destination, holdings);
  }

  /** The connections and permits that the session releases at its end. */
  public SessionHoldings holdings() {
    return holdings;
  }

  public SessionObserver observer() {
    return observer;
  }

  /** Records the address to which a redirected device connected, in place of one of this proxy. */
  public void redirected(HostPort address) {
    destination = new InetSocketAddress(address.host(), address.port());
  }

  public void negotiated(HostPort where) {
    if (!where.equals(target)) {
      target = where;
      observer.negotiated(where);
    }
  }

  /** Records a refused target for the summary. The observer does not get it. */
  public void refused(@Nullable HostPort where) {
    target = where;
  }

  public void helloReceived(ClientHello offered) {
    hello = offered;
    observer.helloReceived(offered);
  }

  /** Records the HELO or EHLO line of a mail device. */
  public void introduced(String line) {
    introduction = line;
    String name = DeviceCommand.nameIn(line);
    if (!name.isEmpty()) {
      observer.introduced(name);
    }
  }

  /** The latest HELO or EHLO line, or null. */
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
      log.deviceSignInRefused(target, reply);
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
    signedIn = true;
    log.signedIn(attempt, why);
    observer.signedIn(attempt);
  }

  /** Keeps the account with which the device signed in, until the end of the session. */
  public void account(AccountResult.Known known) {
    account = known;
  }

  /** The account of a device that this proxy signed in, or null. */
  public AccountResult.@Nullable Known account() {
    return account;
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

  /** The same for a refusal that ends the session, whose end is logged. */
  public void messageRefused(MessageRefusal refusal) {
    observer.messageRefused(refusal);
  }

  public void messageEnded(MailMessage message) {
    observer.messageEnded(message);
  }

  /** Reports the rest of what happened in the relay, before the end of the session. */
  public void beforeEnd(Runnable last) {
    lastReport = last;
  }

  public void decided(Action decision) {
    action = decision;
    observer.decided(decision);
  }

  public void deviceHandshake(DeviceHandshake handshake) {
    deviceHandshake = handshake;
    observer.deviceHandshake(handshake);
  }

  /**
   * Sets what to do if the device does not trust its certificate; if empty, the remedy of the close
   * reason applies.
   */
  public void trustRemedy(String remedy) {
    trustRemedy = remedy;
  }

  /** Reports the outcome of a device handshake that never started, so that it is counted. */
  public void noDeviceHandshake(HandshakeOutcome outcome, Explanation why) {
    deviceHandshake(new DeviceHandshake(outcome, null, Duration.ZERO, why.text()));
  }

  /** The device's ClientHello, or null before it arrives. */
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

  /** The time since the session started. */
  public Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - startedNanos);
  }

  public void tunnelAgreed(TlsParameters agreed) {
    tunnelled = agreed;
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
    lastReport.run();
    boolean completed =
        deviceHandshake != null && deviceHandshake.outcome() == HandshakeOutcome.COMPLETED;
    boolean unused = relayed && bytesUp == 0 && !signedIn && completed;
    SessionEnd end = SessionEnd.of(reason, why, unused, trustRemedy);
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
            end.reason(),
            end.why().text(),
            deviceHandshake,
            originHandshake,
            tunnelled,
            bytesUp,
            bytesDown);
    log.closed(summary, end.why());
    observer.closed(summary);
    return summary;
  }
}
