package org.tlsuplift.server.log;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.DeviceHandshake;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.OriginHandshake;
import org.tlsuplift.proxy.model.RevocationCheck;
import org.tlsuplift.proxy.model.SessionId;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;

/** Sessions as the core reports them at their end. */
final class Sessions {
  static final String JA4 = "t10i020000_0123456789ab_000000000000";

  private Sessions() {}

  /** A printer with TLS 1.0 that was bridged. */
  static SessionSummary bridged(long id) {
    return of(
        id,
        hello(List.of(0x002f), "outlook.office365.com", List.of()),
        Action.BRIDGE,
        CloseReason.DEVICE_CLOSED,
        "",
        new DeviceHandshake(
            HandshakeOutcome.COMPLETED,
            new TlsParameters(TlsVersion.TLS_1_0, "TLS_RSA_WITH_AES_128_CBC_SHA", null),
            Duration.ofMillis(12),
            ""),
        new OriginHandshake(
            null,
            new TlsParameters(TlsVersion.TLS_1_3, "TLS_AES_128_GCM_SHA256", null, "X25519MLKEM768"),
            Duration.ofMillis(25),
            RevocationCheck.NOT_CHECKED),
        null);
  }

  /** A modern device that was passed through. */
  static SessionSummary tunnelled(long id) {
    return of(
        id,
        hello(List.of(0x1301), "outlook.office365.com", List.of("h2")),
        Action.TUNNEL,
        CloseReason.ORIGIN_CLOSED,
        "",
        null,
        null,
        new TlsParameters(TlsVersion.TLS_1_3, "TLS_AES_128_GCM_SHA256", null));
  }

  /** A device that was refused before its first byte. */
  static SessionSummary notAdmitted(long id, String detail) {
    return of(id, null, Action.DENY, CloseReason.DEVICE_NOT_ADMITTED, detail, null, null, null);
  }

  /** A device that offers this. */
  static SessionSummary offering(
      List<Integer> suites, @Nullable String serverName, List<String> protocols) {
    return of(
        1,
        hello(suites, serverName, protocols),
        Action.DENY,
        CloseReason.NO_ROUTE,
        "no route",
        null,
        null,
        null);
  }

  /** A device that failed in its handshake, with the hello of SSL 2.0. */
  static SessionSummary failed(String detail) {
    ClientHello hello =
        new ClientHello(
            ClientHello.Framing.SSL_2,
            List.of(),
            Collections.nCopies(101, 0x002f),
            null,
            false,
            List.of(),
            List.of(),
            List.of(),
            false,
            200,
            JA4);
    return of(
        1,
        hello,
        Action.BRIDGE,
        CloseReason.DEVICE_CLOSED,
        detail,
        new DeviceHandshake(
            HandshakeOutcome.NO_SHARED_VERSION, null, Duration.ofMillis(12_345_678), ""),
        new OriginHandshake(
            null,
            new TlsParameters(TlsVersion.TLS_1_2, "TLS_AES_128_GCM_SHA256", "http/1.1"),
            Duration.ZERO,
            RevocationCheck.NOT_CHECKED),
        null);
  }

  private static ClientHello hello(
      List<Integer> suites, @Nullable String serverName, List<String> protocols) {
    return new ClientHello(
        ClientHello.Framing.TLS,
        List.of(TlsVersion.TLS_1_0),
        suites,
        serverName,
        false,
        protocols,
        List.of(),
        List.of(),
        false,
        200,
        JA4);
  }

  private static SessionSummary of(
      long id,
      @Nullable ClientHello hello,
      Action action,
      CloseReason reason,
      String detail,
      @Nullable DeviceHandshake device,
      @Nullable OriginHandshake origin,
      @Nullable TlsParameters tunnelled) {
    return new SessionSummary(
        new SessionId(id),
        "web",
        new InetSocketAddress("192.0.2.77", 50123),
        Instant.parse("2026-11-24T09:15:02.120Z"),
        Duration.ofMillis(1250),
        hello == null ? null : new HostPort("outlook.office365.com", 443),
        hello,
        action,
        reason,
        detail,
        device,
        origin,
        tunnelled,
        512,
        20480);
  }
}
