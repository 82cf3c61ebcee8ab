package org.tlsuplift.proxy.context;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.DeviceHandshake;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.OriginHandshake;
import org.tlsuplift.proxy.model.SessionId;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;
import org.tlsuplift.proxy.signin.AccountResult;

/**
 * What is known about one session. {@link SessionReporter} adds what it reports.
 *
 * <p>Runs on the session's event loop.
 */
public final class SessionFacts {
  /**
   * Node.js, and most programs with OpenSSL before 1.1, check the certificate after the handshake.
   */
  private static final Explanation UNUSED =
      Explanation.of("the device may not trust the CA: it sent no data after the handshake");

  final SessionId id;
  final String listener;
  private final InetSocketAddress device;
  private final Instant started = Instant.now();
  private final long startedNanos = System.nanoTime();
  private @Nullable InetSocketAddress destination;
  private AccountResult.@Nullable Known account;
  private String trustRemedy = "";
  @Nullable HostPort target;
  @Nullable String introduction;
  @Nullable ClientHello hello;
  boolean signedIn;
  Action action = Action.DENY;
  @Nullable DeviceHandshake deviceHandshake;
  @Nullable OriginHandshake originHandshake;
  @Nullable TlsParameters tunnelled;

  /**
   * Creates the facts about a session that starts now.
   *
   * @param device the device's address; behind a load balancer, the address in the PROXY header
   * @param destination the address to which the device connected, or null if it is unknown
   */
  public SessionFacts(
      SessionId id,
      String listener,
      InetSocketAddress device,
      @Nullable InetSocketAddress destination) {
    this.id = id;
    this.listener = listener;
    this.device = device;
    this.destination = destination;
  }

  public InetSocketAddress device() {
    return device;
  }

  /** The address to which the device connected, or null if it is unknown. */
  public @Nullable InetSocketAddress destination() {
    return destination;
  }

  /** Replaces an address of this proxy by the one to which a redirected device connected. */
  public void redirected(HostPort address) {
    destination = new InetSocketAddress(address.host(), address.port());
  }

  /** Sets the target that was refused, for the summary. The observer does not get it. */
  public void refused(@Nullable HostPort where) {
    target = where;
  }

  /** The latest HELO or EHLO line of a mail device, or null. */
  public @Nullable String introduction() {
    return introduction;
  }

  /** The device's ClientHello, or null before it arrives. */
  public @Nullable ClientHello hello() {
    return hello;
  }

  public boolean hasDeviceHandshake() {
    return deviceHandshake != null;
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
   * Sets what to do if the device does not trust its certificate; if empty, the remedy of the close
   * reason applies.
   */
  public void trustRemedy(String remedy) {
    trustRemedy = remedy;
  }

  /** The time since the session started. */
  public Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - startedNanos);
  }

  /** The reason for the end of a session, as it is reported. */
  record End(CloseReason reason, Explanation why) {}

  /**
   * Returns the end to report. Tells a device that did not use its session from others that closed
   * theirs.
   *
   * @param unused whether the relay started and the device sent nothing
   */
  End end(CloseReason reason, Explanation why, boolean unused) {
    boolean completed =
        deviceHandshake != null && deviceHandshake.outcome() == HandshakeOutcome.COMPLETED;
    boolean closed = unused && completed && !signedIn && reason == CloseReason.DEVICE_CLOSED;
    CloseReason known = closed ? CloseReason.DEVICE_CLOSED_UNUSED : reason;
    boolean unexplained = known == CloseReason.DEVICE_CLOSED_UNUSED && why.cause().isEmpty();
    Explanation cause = closed || unexplained ? UNUSED : why;
    return known == CloseReason.DEVICE_CLOSED_UNUSED && cause.remedy().isEmpty()
        ? new End(known, Explanation.of(cause.cause(), trustRemedy))
        : new End(known, cause);
  }

  SessionSummary summary(End end, long bytesUp, long bytesDown) {
    return new SessionSummary(
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
  }
}
