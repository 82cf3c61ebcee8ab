package org.tlsuplift.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.Origin;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.Uplift;

/** A legacy device reaches an origin with TLS 1.2 or later, with real handshakes on both sides. */
class BridgeTest {
  private static final TestAuthority OWN = TestAuthority.create();
  private static final TestAuthority ORIGINS = TestAuthority.create();

  /** Replies to each line with the handshake parameters that the origin saw. */
  private static final Origin.Script TELL =
      socket -> {
        String line = Device.readLine(socket.getInputStream());
        socket
            .getOutputStream()
            .write(
                (line + " over " + socket.getSession().getProtocol() + "\n")
                    .getBytes(StandardCharsets.US_ASCII));
      };

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1", "TLSv1.1"})
  void upgradesDevicesBelowTls12(String version) throws Exception {
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), TELL, "TLSv1.2");
        Uplift uplift = new Uplift(new Uplift.Settings(), OWN, ORIGINS)) {
      try (SSLSocket device =
          Device.through(uplift.web(), origin.as("localhost"), OWN.trusting(), version)) {
        assertThat(Device.exchange(device, "scan")).isEqualTo("scan over TLSv1.2");
        assertThat(device.getSession().getProtocol()).isEqualTo(version);
      }
      await().until(() -> !uplift.observer.closed.isEmpty());
      SessionSummary summary = uplift.observer.closed.get(0);
      assertThat(summary.action()).isEqualTo(Action.BRIDGE);
      assertThat(summary.deviceHandshake().agreed().version().label()).isEqualTo(version);
      assertThat(summary.originHandshake().agreed().version()).isEqualTo(TlsVersion.TLS_1_2);
      assertThat(summary.reason()).isIn(CloseReason.ORIGIN_CLOSED, CloseReason.DEVICE_CLOSED);
      assertThat(summary.bytesUp()).isEqualTo("scan\n".length());
    }
  }

  @Test
  void reportsADeviceThatClosesAfterTheHandshakeWithoutData() throws Exception {
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), TELL, "TLSv1.2");
        Uplift uplift = new Uplift(new Uplift.Settings(), OWN, ORIGINS)) {
      Device.through(uplift.web(), origin.as("localhost"), OWN.trusting(), "TLSv1").close();
      await().until(() -> !uplift.observer.closed.isEmpty());
      SessionSummary summary = uplift.observer.closed.get(0);
      assertThat(summary.deviceHandshake().outcome()).isEqualTo(HandshakeOutcome.COMPLETED);
      assertThat(summary.reason()).isEqualTo(CloseReason.DEVICE_CLOSED_UNUSED);
      assertThat(summary.detail()).contains("may not trust");
    }
  }

  @Test
  void reachesOriginsThatSpeakTls13Only() throws Exception {
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), TELL, "TLSv1.3");
        Uplift uplift = new Uplift(new Uplift.Settings(), OWN, ORIGINS);
        SSLSocket device =
            Device.through(uplift.web(), origin.as("localhost"), OWN.trusting(), "TLSv1")) {
      assertThat(Device.exchange(device, "scan")).isEqualTo("scan over TLSv1.3");
    }
  }

  @Test
  void servesDevicesThatGreetInTheFramingOfSsl2() throws Exception {
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), TELL, "TLSv1.2");
        Uplift uplift = new Uplift(new Uplift.Settings(), OWN, ORIGINS)) {
      try (SSLSocket device =
          Device.through(
              uplift.web(), origin.as("localhost"), OWN.trusting(), "SSLv2Hello", "TLSv1")) {
        assertThat(Device.exchange(device, "scan")).isEqualTo("scan over TLSv1.2");
        assertThat(device.getSession().getProtocol()).isEqualTo("TLSv1");
      }
      await().until(() -> !uplift.observer.closed.isEmpty());
      assertThat(uplift.observer.closed.get(0).offered().framing())
          .isEqualTo(ClientHello.Framing.SSL_2);
    }
  }

  @Test
  void limitsUpstreamToTls12IfConfigured() throws Exception {
    Uplift.Settings settings = new Uplift.Settings();
    settings.maximumUpstream = TlsVersion.TLS_1_2;
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), TELL, "TLSv1.2", "TLSv1.3");
        Uplift uplift = new Uplift(settings, OWN, ORIGINS);
        SSLSocket device =
            Device.through(uplift.web(), origin.as("localhost"), OWN.trusting(), "TLSv1")) {
      assertThat(Device.exchange(device, "scan")).isEqualTo("scan over TLSv1.2");
    }
  }

  @Test
  void servesFixedListeners() throws Exception {
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), TELL, "TLSv1.2")) {
      Uplift.Settings settings = new Uplift.Settings();
      settings.fixed = List.of(origin.as("localhost"));
      try (Uplift uplift = new Uplift(settings, OWN, ORIGINS);
          SSLSocket device =
              Device.handshake(Device.open(uplift.fixed()), "localhost", OWN.trusting(), "TLSv1")) {
        assertThat(Device.exchange(device, "scan")).isEqualTo("scan over TLSv1.2");
      }
    }
  }

  @Test
  void tunnelsModernDevicesUntouched() throws Exception {
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), TELL, "TLSv1.2");
        Uplift uplift = new Uplift(new Uplift.Settings(), OWN, ORIGINS)) {
      // The device trusts only the origin's issuer, so a certificate of the proxy would end the
      // handshake.
      try (SSLSocket device =
          Device.through(
              uplift.web(), origin.as("localhost"), ORIGINS.trusting(), "TLSv1.2", "TLSv1.3")) {
        assertThat(Device.exchange(device, "scan")).isEqualTo("scan over TLSv1.2");
      }
      await().until(() -> !uplift.observer.closed.isEmpty());
      assertThat(uplift.observer.closed.get(0).action()).isEqualTo(Action.TUNNEL);
      assertThat(uplift.observer.closed.get(0).tunnelled().version()).isEqualTo(TlsVersion.TLS_1_2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "127.0.0.1"})
  void namesTheOriginInItsSni(String host) throws Exception {
    Origin.Script tellNames =
        socket -> {
          Device.readLine(socket.getInputStream());
          ExtendedSSLSession session = (ExtendedSSLSession) socket.getSession();
          socket
              .getOutputStream()
              .write(
                  (session.getRequestedServerNames() + "\n").getBytes(StandardCharsets.US_ASCII));
        };
    try (Origin origin = Origin.start(ORIGINS.serving(host), tellNames, "TLSv1.2");
        Uplift uplift = new Uplift(new Uplift.Settings(), OWN, ORIGINS);
        SSLSocket device = Device.through(uplift.web(), origin.as(host), OWN.trusting(), "TLSv1")) {
      // RFC 6066 section 3 forbids address literals.
      String expected = host.equals("localhost") ? "[" + new SNIHostName("localhost") + "]" : "[]";
      assertThat(Device.exchange(device, "who am I")).isEqualTo(expected);
    }
  }

  /** An origin that supports none of the names refuses the handshake (RFC 7301 section 3.2). */
  @ParameterizedTest
  @ValueSource(strings = {"smtp", "spdy/3.1", "spdy/3.1,http/1.1"})
  void doesNotAskTheOriginForNamesThatItRefuses(String offered) throws Exception {
    Origin.Script echo = socket -> socket.getInputStream().transferTo(socket.getOutputStream());
    try (Origin origin =
            Origin.start(ORIGINS.serving("localhost"), echo, List.of("http/1.1"), "TLSv1.2");
        Uplift uplift = new Uplift(new Uplift.Settings(), OWN, ORIGINS);
        Socket socket = Device.open(uplift.web())) {
      Device.connect(socket, origin.as("localhost"));
      SSLSocket device =
          (SSLSocket)
              OWN.trusting().getSocketFactory().createSocket(socket, "localhost", 443, true);
      SSLParameters parameters = device.getSSLParameters();
      parameters.setProtocols(new String[] {"TLSv1.1"});
      parameters.setApplicationProtocols(offered.split(",", -1));
      device.setSSLParameters(parameters);
      assertThat(Device.exchange(device, "hello")).isEqualTo("hello");
      assertThat(device.getApplicationProtocol())
          .isEqualTo(offered.contains("http/1.1") ? "http/1.1" : "");
    }
  }

  @Test
  void answersAlpnWithTheProtocolOfTheOrigin() throws Exception {
    Origin.Script waitForEnd =
        socket -> socket.getInputStream().transferTo(socket.getOutputStream());
    try (Origin origin =
            Origin.start(ORIGINS.serving("localhost"), waitForEnd, List.of("http/1.1"), "TLSv1.2");
        Uplift uplift = new Uplift(new Uplift.Settings(), OWN, ORIGINS);
        Socket socket = Device.open(uplift.web())) {
      Device.connect(socket, origin.as("localhost"));
      SSLSocket device =
          (SSLSocket)
              OWN.trusting().getSocketFactory().createSocket(socket, "localhost", 443, true);
      SSLParameters parameters = device.getSSLParameters();
      parameters.setProtocols(new String[] {"TLSv1.1"});
      parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
      device.setSSLParameters(parameters);
      assertThat(Device.exchange(device, "hello")).isEqualTo("hello");
      assertThat(device.getApplicationProtocol()).isEqualTo("http/1.1");
    }
  }
}
