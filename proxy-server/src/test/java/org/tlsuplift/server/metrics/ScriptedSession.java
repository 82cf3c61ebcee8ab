package org.tlsuplift.server.metrics;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.DeviceHandshake;
import org.tlsuplift.proxy.model.DeviceSignIn;
import org.tlsuplift.proxy.model.Direction;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailMessage;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.MessageOutcome;
import org.tlsuplift.proxy.model.OriginHandshake;
import org.tlsuplift.proxy.model.ProxyObserver;
import org.tlsuplift.proxy.model.RevocationCheck;
import org.tlsuplift.proxy.model.SessionId;
import org.tlsuplift.proxy.model.SessionObserver;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;
import org.tlsuplift.proxy.outcome.MessageRefusal;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.proxy.outcome.SignInOutcome;

/** Tells observers about a session as the core would, step by step. */
final class ScriptedSession {
  static final InetSocketAddress DEVICE = new InetSocketAddress("192.0.2.77", 50123);
  static final String SERVER_NAME = "very-secret-tenant.example";
  static final String ECDHE_CBC = "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA";
  static final String ECDHE_GCM = "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384";

  private final String listener;
  private final SessionObserver observer;
  private Action action = Action.DENY;

  private ScriptedSession(ProxyObserver proxy, String listener) {
    this.listener = listener;
    this.observer = proxy.sessionOpened(new SessionId(1), listener, DEVICE);
  }

  static ScriptedSession open(ProxyObserver proxy, String listener) {
    return new ScriptedSession(proxy, listener);
  }

  SessionObserver observer() {
    return observer;
  }

  /** Offers these versions, newest first, with the SNI and ALPN that a test looks for. */
  ScriptedSession hello(TlsVersion... versions) {
    observer.negotiated(new HostPort(SERVER_NAME, 443));
    observer.helloReceived(
        new ClientHello(
            ClientHello.Framing.TLS,
            List.of(versions),
            List.of(0xc013, 0x002f),
            SERVER_NAME,
            false,
            List.of("very-secret-alpn"),
            List.of(),
            List.of(),
            false,
            200,
            "t10d020000_very-secret-ja4"));
    return this;
  }

  ScriptedSession decided(Action decided) {
    action = decided;
    observer.decided(decided);
    return this;
  }

  ScriptedSession deviceAgreed(TlsVersion version, String cipher, Duration elapsed) {
    observer.deviceHandshake(
        new DeviceHandshake(
            HandshakeOutcome.COMPLETED, new TlsParameters(version, cipher, null), elapsed, ""));
    return this;
  }

  ScriptedSession deviceFailed(HandshakeOutcome outcome, Duration elapsed) {
    observer.deviceHandshake(
        new DeviceHandshake(outcome, null, elapsed, "very-secret detail of " + DEVICE));
    return this;
  }

  ScriptedSession originAgreed(TlsVersion version, Duration elapsed) {
    observer.originHandshake(
        new OriginHandshake(
            null,
            new TlsParameters(version, ECDHE_GCM, "h2", "X25519MLKEM768"),
            elapsed,
            RevocationCheck.STAPLED));
    return this;
  }

  ScriptedSession originFailed(CloseReason failure, Duration elapsed) {
    observer.originHandshake(new OriginHandshake(failure, null, elapsed, null));
    return this;
  }

  ScriptedSession plaintextAccepted(MailProtocol protocol) {
    observer.plaintextAccepted(protocol);
    return this;
  }

  ScriptedSession signedIn(SignInOutcome outcome) {
    observer.signedIn(new DeviceSignIn(MailProtocol.SMTP, outcome, null, false, ""));
    return this;
  }

  ScriptedSession messageRefused(MessageRefusal refusal) {
    observer.messageRefused(refusal);
    return this;
  }

  ScriptedSession messageRepaired(long lineEnds) {
    observer.messageEnded(
        new MailMessage(
            "a@b.example",
            List.of("c@d.example"),
            1,
            1,
            1000,
            Duration.ofSeconds(1),
            MessageOutcome.ACCEPTED,
            null,
            "250 2.0.0 queued",
            lineEnds));
    return this;
  }

  ScriptedSession originReplied(MailProtocol protocol, OriginReply reply) {
    observer.originReplied(protocol, reply);
    return this;
  }

  ScriptedSession relayed(long up, long down) {
    observer.relayed(Direction.UP, up);
    observer.relayed(Direction.DOWN, down);
    return this;
  }

  void closed(CloseReason reason, Duration elapsed) {
    observer.closed(summary(reason, elapsed, null));
  }

  private SessionSummary summary(
      CloseReason reason, Duration elapsed, @Nullable DeviceHandshake handshake) {
    return new SessionSummary(
        new SessionId(1),
        listener,
        DEVICE,
        Instant.EPOCH,
        elapsed,
        new HostPort(SERVER_NAME, 443),
        null,
        action,
        reason,
        "very-secret detail",
        handshake,
        null,
        null,
        0,
        0);
  }
}
