package org.tlsuplift.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.context.DeviceAdmission;
import org.tlsuplift.proxy.model.DeviceHandshake;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.Origin;
import org.tlsuplift.proxy.testing.Payload;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.Uplift;
import org.tlsuplift.proxy.tls.LegacyTls;

/** Devices that BoringSSL no longer supports reach a modern origin like all others. */
class AntiqueTest {
  private static final TestAuthority OWN = TestAuthority.create();
  private static final TestAuthority ORIGINS = TestAuthority.create();
  private static final int MIB = 1 << 20;

  private static final Origin.Script TELL =
      socket -> {
        String line = Device.readLine(socket.getInputStream());
        say(socket, line + " over " + socket.getSession().getProtocol() + "\n");
        assertThat(socket.getInputStream().read()).isNegative();
      };

  private static Uplift antique() {
    Uplift.Settings settings = new Uplift.Settings();
    settings.profile = LegacyTls.ANTIQUE;
    return new Uplift(settings, OWN, ORIGINS);
  }

  private static void say(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static SSLSocket device(
      Uplift uplift, Origin origin, SSLContext context, String protocols, String suite)
      throws Exception {
    Socket socket = Device.open(uplift.web());
    Device.connect(socket, origin.as("localhost"));
    return handshake(socket, context, protocols, suite);
  }

  private static SSLSocket handshake(
      Socket socket, SSLContext context, String protocols, String suite) throws IOException {
    SSLSocket device =
        (SSLSocket) context.getSocketFactory().createSocket(socket, "localhost", 443, true);
    device.setEnabledProtocols(protocols.split("\\+", -1));
    device.setEnabledCipherSuites(suite.split("\\+", -1));
    device.startHandshake();
    return device;
  }

  private static DeviceHandshake handshake(Uplift uplift) {
    await().until(() -> !uplift.observer.deviceHandshakes.isEmpty());
    return uplift.observer.deviceHandshakes.get(0);
  }

  @ParameterizedTest
  @CsvSource({
    "SSLv3, SSL_RSA_WITH_RC4_128_SHA, SSLv3, TLS_RSA_WITH_RC4_128_SHA",
    "SSLv3, SSL_RSA_WITH_RC4_128_MD5, SSLv3, TLS_RSA_WITH_RC4_128_MD5",
    "SSLv3, SSL_RSA_WITH_3DES_EDE_CBC_SHA, SSLv3, TLS_RSA_WITH_3DES_EDE_CBC_SHA",
    "SSLv3, SSL_RSA_WITH_DES_CBC_SHA, SSLv3, TLS_RSA_WITH_DES_CBC_SHA",
    "SSLv3, SSL_DHE_RSA_WITH_3DES_EDE_CBC_SHA, SSLv3, TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA",
    "SSLv3, TLS_DHE_RSA_WITH_AES_128_CBC_SHA, SSLv3, TLS_DHE_RSA_WITH_AES_128_CBC_SHA",
    "SSLv3, TLS_RSA_WITH_AES_256_CBC_SHA, SSLv3, TLS_RSA_WITH_AES_256_CBC_SHA",
    "SSLv3, TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA+SSL_RSA_WITH_RC4_128_SHA, SSLv3,"
        + " TLS_RSA_WITH_RC4_128_SHA",
    "SSLv2Hello+SSLv3, SSL_RSA_WITH_RC4_128_SHA, SSLv3, TLS_RSA_WITH_RC4_128_SHA",
    "SSLv2Hello+SSLv3+TLSv1, SSL_RSA_WITH_RC4_128_MD5, TLSv1, TLS_RSA_WITH_RC4_128_MD5",
    "TLSv1, SSL_RSA_WITH_RC4_128_SHA, TLSv1, TLS_RSA_WITH_RC4_128_SHA",
    "TLSv1, SSL_RSA_WITH_3DES_EDE_CBC_SHA, TLSv1, TLS_RSA_WITH_3DES_EDE_CBC_SHA",
    "TLSv1, TLS_ECDHE_RSA_WITH_RC4_128_SHA, TLSv1, TLS_ECDHE_RSA_WITH_RC4_128_SHA",
    "TLSv1.1, TLS_DHE_RSA_WITH_AES_256_CBC_SHA, TLSv1.1, TLS_DHE_RSA_WITH_AES_256_CBC_SHA",
    "TLSv1.2, TLS_DHE_RSA_WITH_AES_128_GCM_SHA256, TLSv1.2, TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLSv1.2, TLS_RSA_WITH_AES_128_CBC_SHA256, TLSv1.2, TLS_RSA_WITH_AES_128_CBC_SHA256",
    "TLSv1, TLS_RSA_WITH_AES_128_CBC_SHA+SSL_RSA_WITH_RC4_128_SHA, TLSv1,"
        + " TLS_RSA_WITH_AES_128_CBC_SHA"
  })
  void upgradesSuitesThatBoringSslHasDropped(
      String protocols, String offered, String version, String suite) throws Exception {
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), TELL, "TLSv1.2");
        Uplift uplift = antique()) {
      try (SSLSocket device = device(uplift, origin, OWN.trusting(), protocols, offered)) {
        assertThat(Device.exchange(device, "scan")).isEqualTo("scan over TLSv1.2");
      }
      TlsParameters agreed = handshake(uplift).agreed();
      assertThat(agreed.version().label()).isEqualTo(version);
      assertThat(agreed.cipherSuite()).isEqualTo(suite);
      await().until(() -> !uplift.observer.closed.isEmpty());
      assertThat(uplift.observer.closed.get(0).reason()).isEqualTo(CloseReason.DEVICE_CLOSED);
      assertThat(uplift.observer.closed.get(0).originHandshake().agreed().version())
          .isEqualTo(TlsVersion.TLS_1_2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"SSLv3", "TLSv1", "TLSv1.2"})
  void reportsThatTheDeviceRejectsTheCa(String version) throws Exception {
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), TELL, "TLSv1.2");
        Uplift uplift = antique()) {
      assertThatThrownBy(
              () -> device(uplift, origin, ORIGINS.trusting(), version, "SSL_RSA_WITH_RC4_128_SHA"))
          .isInstanceOf(IOException.class);
      assertThat(handshake(uplift).outcome()).isEqualTo(HandshakeOutcome.CERTIFICATE_REJECTED);
      assertThat(handshake(uplift).detail()).contains("the device sent alert");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"SSLv3", "TLSv1"})
  void reportsThatNoCipherIsShared(String version) throws Exception {
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), TELL, "TLSv1.2");
        Uplift uplift = antique()) {
      assertThatThrownBy(
              () ->
                  device(uplift, origin, OWN.trusting(), version, "SSL_RSA_EXPORT_WITH_RC4_40_MD5"))
          .as("the alert arrives before the end of the connection")
          .isInstanceOf(SSLException.class)
          .hasMessageContaining("handshake_failure");
      assertThat(handshake(uplift).outcome()).isEqualTo(HandshakeOutcome.NO_SHARED_CIPHER);
      assertThat(handshake(uplift).detail()).contains("profile 'antique'");
    }
  }

  @Test
  void reportsThatTheDeviceClosedDuringTheHandshake() throws Exception {
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), TELL, "TLSv1.2");
        Uplift uplift = antique()) {
      try (Socket device = Device.open(uplift.web())) {
        Device.connect(device, origin.as("localhost"));
        device.getOutputStream().write(RelayTest.hello("SSLv3"));
        // The proxy's flight has arrived, so the handshake is running.
        assertThat(device.getInputStream().read()).isEqualTo(22);
      }
      assertThat(handshake(uplift).outcome()).isEqualTo(HandshakeOutcome.CLOSED);
    }
  }

  @Test
  void legacyProfileRefusesAntiqueDevices() throws Exception {
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), TELL, "TLSv1.2");
        Uplift uplift = new Uplift(new Uplift.Settings(), OWN, ORIGINS)) {
      assertThatThrownBy(
              () -> device(uplift, origin, OWN.trusting(), "SSLv3", "SSL_RSA_WITH_RC4_128_SHA"))
          .isInstanceOf(IOException.class);
      assertThat(handshake(uplift).outcome()).isEqualTo(HandshakeOutcome.NO_SHARED_VERSION);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "SSLv3, SSL_RSA_WITH_RC4_128_SHA",
    "SSLv3, SSL_RSA_WITH_3DES_EDE_CBC_SHA",
    "TLSv1, SSL_RSA_WITH_3DES_EDE_CBC_SHA"
  })
  void carriesBothWaysAtOnce(String version, String suite) throws Exception {
    Payload up = new Payload(1, 3 * MIB);
    Payload down = new Payload(2, 3 * MIB);
    CompletableFuture<Void> originRead = new CompletableFuture<>();
    Origin.Script script =
        socket -> {
          CompletableFuture<Void> writing = async(() -> down.write(socket.getOutputStream()));
          up.read(socket.getInputStream());
          originRead.complete(null);
          writing.join();
          assertThat(socket.getInputStream().read()).isNegative();
        };
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), script, "TLSv1.2");
        Uplift uplift = antique();
        SSLSocket device = device(uplift, origin, OWN.trusting(), version, suite)) {
      CompletableFuture<Void> writing = async(() -> up.write(device.getOutputStream()));
      down.read(device.getInputStream());
      writing.get(60, TimeUnit.SECONDS);
      originRead.get(60, TimeUnit.SECONDS);
    }
  }

  @Test
  void deliversEverythingAndACloseNotifyWhenTheOriginClosesFirst() throws Exception {
    Payload down = new Payload(3, 200_000);
    CountDownLatch done = new CountDownLatch(1);
    Origin.Script script =
        socket -> {
          down.write(socket.getOutputStream());
          socket.close();
          done.countDown();
        };
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), script, "TLSv1.2");
        Uplift uplift = antique();
        SSLSocket device =
            device(uplift, origin, OWN.trusting(), "SSLv3", "SSL_RSA_WITH_RC4_128_SHA")) {
      assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
      down.read(device.getInputStream());
      // The JDK throws when a stream ends without close_notify.
      assertThat(device.getInputStream().read()).isNegative();
    }
  }

  @Test
  void deliversEverythingWhenTheDeviceClosesBeforeTheOriginIsReady() throws Exception {
    Payload up = new Payload(4, 5000);
    CountDownLatch gate = new CountDownLatch(1);
    CompletableFuture<Integer> end = new CompletableFuture<>();
    Origin.Script script =
        socket -> {
          up.read(socket.getInputStream());
          end.complete(socket.getInputStream().read());
        };
    try (Origin origin = Origin.gated(ORIGINS.serving("localhost"), gate, script, "TLSv1.2");
        Uplift uplift = antique()) {
      try (SSLSocket device =
          device(uplift, origin, OWN.trusting(), "SSLv3", "SSL_RSA_WITH_RC4_128_SHA")) {
        up.write(device.getOutputStream());
      }
      gate.countDown();
      assertThat(end.get(60, TimeUnit.SECONDS)).isNegative();
    }
  }

  @Test
  void carriesAFinWithoutCloseNotifyAsAFin() throws Exception {
    CompletableFuture<String> seen = new CompletableFuture<>();
    Origin.Script script =
        socket -> {
          InputStream in = socket.getInputStream();
          String line = Device.readLine(in);
          try {
            seen.complete(line + " then " + in.read());
          } catch (IOException truncated) {
            seen.complete(line + " then truncated");
          }
        };
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), script, "TLSv1.2");
        Uplift uplift = antique();
        Socket raw = Device.open(uplift.web())) {
      Device.connect(raw, origin.as("localhost"));
      SSLSocket device = handshake(raw, OWN.trusting(), "SSLv3", "SSL_RSA_WITH_RC4_128_SHA");
      say(device, "scan\n");
      raw.shutdownOutput();
      // A truncated stream must not look complete on the other side.
      assertThat(seen.get(60, TimeUnit.SECONDS)).isEqualTo("scan then truncated");
    }
  }

  @Test
  void servesOnlyTheDevicesOfTheListener() throws Exception {
    Uplift.Settings settings = new Uplift.Settings();
    settings.profile = LegacyTls.ANTIQUE;
    settings.devices = new DeviceAdmission(List.of(Cidr.parse("192.0.2.0/24")));
    try (Uplift uplift = new Uplift(settings, OWN, ORIGINS);
        Socket device = Device.open(uplift.web())) {
      assertThat(device.getInputStream().read()).isNegative();
      await().until(() -> !uplift.observer.closed.isEmpty());
      assertThat(uplift.observer.closed.get(0).reason()).isEqualTo(CloseReason.DEVICE_NOT_ADMITTED);
    }
  }

  @Test
  void onlyTheRetiredListenerStopsAccepting() throws Exception {
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), TELL, "TLSv1.2")) {
      Uplift.Settings settings = new Uplift.Settings();
      settings.profile = LegacyTls.ANTIQUE;
      settings.fixed = List.of(origin.as("localhost"));
      try (Uplift uplift = new Uplift(settings, OWN, ORIGINS);
          SSLSocket running =
              device(uplift, origin, OWN.trusting(), "SSLv3", "SSL_RSA_WITH_RC4_128_SHA")) {
        InetSocketAddress web = uplift.web();
        uplift.proxy().retire("web");
        assertThatThrownBy(() -> Device.open(web)).isInstanceOf(IOException.class);
        assertThat(Device.exchange(running, "scan")).isEqualTo("scan over TLSv1.2");
        Device.open(uplift.fixed()).close();
      }
    }
  }

  private static CompletableFuture<Void> async(ThrowingRunnable task) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            task.run();
          } catch (Exception failed) {
            throw new IllegalStateException(failed);
          }
        },
        command -> new Thread(command, "test").start());
  }

  private interface ThrowingRunnable {
    void run() throws Exception;
  }
}
