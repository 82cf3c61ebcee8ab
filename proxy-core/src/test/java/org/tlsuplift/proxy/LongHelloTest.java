package org.tlsuplift.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.LongHello;
import org.tlsuplift.proxy.testing.Origin;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.TlsRecords;
import org.tlsuplift.proxy.testing.Uplift;
import org.tlsuplift.proxy.tls.LegacyTls;
import org.tlsuplift.proxy.tls.TlsProfile;

/**
 * A ClientHello of up to 64 KiB is served in records and segments of any size. LongHelloIT has the
 * hellos that the JDK reads only with the daemon's settings.
 */
@Timeout(300)
class LongHelloTest {
  private static final TestAuthority OWN = TestAuthority.create();
  private static final TestAuthority ORIGINS = TestAuthority.create();
  private static final int DECODE_ERROR = 50;

  private static final Origin.Script ECHO =
      socket -> {
        String line = Device.readLine(socket.getInputStream());
        socket.getOutputStream().write((line + " arrived\n").getBytes(StandardCharsets.US_ASCII));
        assertThat(socket.getInputStream().read()).isNegative();
      };

  private static SessionSummary summary(Uplift uplift) {
    await().until(() -> !uplift.observer.closed.isEmpty());
    return uplift.observer.closed.get(0);
  }

  private static TlsProfile profile(String name) {
    return name.equals("modern") ? TlsProfile.MODERN : LegacyTls.PROFILE;
  }

  @ParameterizedTest
  @CsvSource({
    "15360, 16384, 100000",
    "16384, 16384, 1460",
    "17408, 16384, 1460",
    "32768, 4096, 16384",
    "49152, 100, 1460",
    "64512, 16384, 700",
    "64512, 1000, 100000",
    "65500, 16384, 100000"
  })
  void passesATunnelledHelloByteForByte(int length, int record, int segment) throws Exception {
    byte[] hello = LongHello.records(ORIGINS.trusting(), "TLSv1.2", length, record);
    try (ServerSocket origin = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
        Uplift uplift = new Uplift(new Uplift.Settings(), OWN, ORIGINS)) {
      try (Socket device = LongHello.slicing(uplift.web(), record, segment)) {
        HostPort target = new HostPort("localhost", origin.getLocalPort());
        assertThat(Device.connect(device, target)).startsWith("HTTP/1.1 200");
        device.getOutputStream().write(hello);
        try (Socket accepted = origin.accept()) {
          assertThat(accepted.getInputStream().readNBytes(hello.length)).isEqualTo(hello);
          byte[] answer = TlsRecords.serverHello();
          accepted.getOutputStream().write(answer);
          assertThat(device.getInputStream().readNBytes(answer.length)).isEqualTo(answer);
        }
      }
      assertThat(summary(uplift).action()).isEqualTo(Action.TUNNEL);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "TLSv1, 15360, 16384, 1460",
    "TLSv1, 16384, 100, 100000",
    "TLSv1.2, 15360, 1000, 700",
    "TLSv1.2, 16384, 16384, 1460",
    "TLSv1.2, 17408, 16384, 1460",
    "TLSv1.2, 32000, 1000, 100000"
  })
  void bridgesAHelloThatAnEngineReads(String version, int length, int record, int segment)
      throws Exception {
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), ECHO, "TLSv1.2");
        Uplift uplift = new Uplift(bridging("legacy"), OWN, ORIGINS)) {
      Socket socket = LongHello.slicing(uplift.web(), record, segment);
      Device.connect(socket, origin.as("localhost"));
      try (SSLSocket device = LongHello.handshake(socket, OWN.trusting(), version, length)) {
        assertThat(Device.exchange(device, "scan")).isEqualTo("scan arrived");
      }
      assertThat(summary(uplift).action()).isEqualTo(Action.BRIDGE);
      assertThat(summary(uplift).offered().length()).isEqualTo(length);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "legacy, TLSv1, 16385, 16384, antique",
    "legacy, TLSv1, 63000, 1000, antique",
    "modern, TLSv1.2, 17408, 16384, legacy"
  })
  void namesTheLimitOfTheEngineAndTheProfileThatHelps(
      String profile, String version, int length, int record, String helps) throws Exception {
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), ECHO, "TLSv1.2");
        Uplift uplift = new Uplift(bridging(profile), OWN, ORIGINS);
        Socket socket = LongHello.slicing(uplift.web(), record, 1460)) {
      Device.connect(socket, origin.as("localhost"));
      assertThatThrownBy(() -> LongHello.handshake(socket, OWN.trusting(), version, length))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("illegal_parameter");
      SessionSummary summary = summary(uplift);
      assertThat(summary.reason()).isEqualTo(CloseReason.DEVICE_HANDSHAKE_FAILED);
      assertThat(summary.deviceHandshake().outcome()).isEqualTo(HandshakeOutcome.PROTOCOL_ERROR);
      assertThat(summary.detail())
          .isEqualTo(
              ("the ClientHello has %d bytes; BoringSSL reads at most 16384;"
                      + " give the device a listener with 'profile: %s'")
                  .formatted(length, helps));
    }
  }

  /** The device keeps its side open, and has sent only the first record. */
  @ParameterizedTest
  @CsvSource({"65528", "66560", "16777215"})
  void refusesALongerHelloAtItsFirstRecord(int length) throws Exception {
    try (Uplift uplift = new Uplift(new Uplift.Settings(), OWN, ORIGINS);
        Socket device = Device.open(uplift.web())) {
      Device.connect(device, new HostPort("localhost", 443));
      device.getOutputStream().write(LongHello.start(length));
      assertThat(device.getInputStream().readAllBytes()).endsWith((byte) 2, (byte) DECODE_ERROR);
      assertThat(summary(uplift).reason()).isEqualTo(CloseReason.MALFORMED_HELLO);
      assertThat(summary(uplift).detail())
          .isEqualTo("handshake message: got " + length + " bytes; expected at most 65527");
    }
  }

  private static Uplift.Settings bridging(String profile) {
    Uplift.Settings settings = new Uplift.Settings();
    settings.profile = profile(profile);
    settings.routes = List.of(Uplift.route(Action.BRIDGE, WhenModern.BRIDGE, "localhost:*"));
    return settings;
  }

  @ParameterizedTest
  @CsvSource({
    // Finished, ServerHello, and a ClientHello that another record interrupts.
    "1603010004 14000000, 10",
    "1603010004 02000000, 10",
    "1603010001 01 1703030001 00, 10",
    "1603010001 01 1403030001 01, 10",
    // A ClientHello that ends too early.
    "1603010004 01000000, 50",
  })
  void sendsAnotherAlertToADeviceThatSendsNoClientHello(String bytes, int alert) throws Exception {
    try (Uplift uplift = new Uplift(new Uplift.Settings(), OWN, ORIGINS);
        Socket device = Device.open(uplift.web())) {
      Device.connect(device, new HostPort("localhost", 443));
      device.getOutputStream().write(HexFormat.of().parseHex(bytes.replace(" ", "")));
      assertThat(device.getInputStream().readAllBytes()).endsWith((byte) 2, (byte) alert);
    }
  }
}
