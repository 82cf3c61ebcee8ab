package org.tlsuplift.proxy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.ref.Reference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlsuplift.proxy.accept.Transport;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.Origin;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.Uplift;
import org.tlsuplift.proxy.tls.LegacyTls;

/**
 * A stream that the proxy cuts has no close_notify, so that no peer takes it for complete. The JDK
 * throws an exception at such an end.
 */
@Timeout(60)
class TruncationTest {
  private static final int SMALL = 16 << 10;
  private static final TestAuthority OWN = TestAuthority.create();
  private static final TestAuthority ORIGINS = TestAuthority.create();

  private static Stream<Transport> transports() {
    return Arrays.stream(Transport.values()).filter(Transport::isAvailable);
  }

  /** With RC4 the JDK's engine serves the device, otherwise BoringSSL. */
  private static Stream<Arguments> transportsAndSuites() {
    return transports()
        .flatMap(
            transport ->
                Stream.of("TLS_RSA_WITH_AES_128_CBC_SHA", "SSL_RSA_WITH_RC4_128_SHA")
                    .map(suite -> Arguments.of(transport, suite)));
  }

  private static Uplift uplift(Transport transport, Duration idleTimeout) {
    return new Uplift(settings(transport, idleTimeout), OWN, ORIGINS);
  }

  private static Uplift.Settings settings(Transport transport, Duration idleTimeout) {
    Uplift.Settings settings = new Uplift.Settings();
    settings.transport = transport;
    settings.profile = LegacyTls.ANTIQUE;
    settings.limits =
        Uplift.limits(10, 10, Duration.ofSeconds(5), Duration.ofSeconds(5), idleTimeout);
    return settings;
  }

  private static SSLSocket device(Uplift uplift, Origin origin, String suite) throws IOException {
    Socket raw = Device.open(uplift.web());
    Device.connect(raw, origin.as("localhost"));
    SSLSocket device =
        (SSLSocket) OWN.trusting().getSocketFactory().createSocket(raw, "localhost", 443, true);
    device.setEnabledProtocols(new String[] {"TLSv1"});
    device.setEnabledCipherSuites(new String[] {suite});
    return device;
  }

  /** Sends half of a response, and records how the request ends. */
  private static Origin origin(CompletableFuture<Throwable> end) {
    return Origin.start(
        ORIGINS.serving("localhost"),
        socket -> {
          Device.readLine(socket.getInputStream());
          socket.getOutputStream().write("half of".getBytes(US_ASCII));
          try {
            int read = socket.getInputStream().read();
            end.completeExceptionally(new AssertionError("a complete request: " + read));
          } catch (IOException cut) {
            end.complete(cut);
          }
        },
        "TLSv1.2");
  }

  private static void readHalf(SSLSocket device) throws IOException {
    device.getOutputStream().write("GET / HTTP/1.0\n".getBytes(US_ASCII));
    assertThat(device.getInputStream().readNBytes(7)).asString(US_ASCII).isEqualTo("half of");
  }

  private static void assertCut(SSLSocket device) {
    assertThatThrownBy(() -> device.getInputStream().read()).isInstanceOf(IOException.class);
  }

  private static CloseReason reason(Uplift uplift) {
    await().until(() -> !uplift.observer.closed.isEmpty());
    return uplift.observer.closed.get(0).reason();
  }

  @ParameterizedTest
  @MethodSource("transportsAndSuites")
  void idleTimeoutCutsBothDirections(Transport transport, String suite) throws Exception {
    CompletableFuture<Throwable> end = new CompletableFuture<>();
    try (Origin origin = origin(end);
        Uplift uplift = uplift(transport, Duration.ofMillis(300));
        SSLSocket device = device(uplift, origin, suite)) {
      readHalf(device);
      assertCut(device);
      assertThat(end.get(10, TimeUnit.SECONDS)).isInstanceOf(IOException.class);
      assertThat(reason(uplift)).isEqualTo(CloseReason.IDLE_TIMEOUT);
    }
  }

  @ParameterizedTest
  @MethodSource("transportsAndSuites")
  void endOfTheDaemonCutsBothDirections(Transport transport, String suite) throws Exception {
    CompletableFuture<Throwable> end = new CompletableFuture<>();
    try (Origin origin = origin(end);
        Uplift uplift = uplift(transport, Duration.ofMinutes(1));
        SSLSocket device = device(uplift, origin, suite)) {
      readHalf(device);
      uplift.close();
      assertCut(device);
      assertThat(end.get(10, TimeUnit.SECONDS)).isInstanceOf(IOException.class);
      assertThat(reason(uplift)).isEqualTo(CloseReason.SHUTDOWN);
    }
  }

  @ParameterizedTest
  @MethodSource("transports")
  void endOfTheDevicesPermissionCutsBothDirections(Transport transport) throws Exception {
    CompletableFuture<Throwable> end = new CompletableFuture<>();
    Uplift.Settings settings = settings(transport, Duration.ofMinutes(1));
    try (Origin origin = origin(end);
        Uplift uplift = new Uplift(settings, OWN, ORIGINS);
        SSLSocket device = device(uplift, origin, "TLS_RSA_WITH_AES_128_CBC_SHA")) {
      readHalf(device);
      settings.allow = List.of(Cidr.parse("192.0.2.0/24"));
      var unused = uplift.proxy().apply(uplift.spec(settings, OWN, ORIGINS));
      assertCut(device);
      assertThat(end.get(10, TimeUnit.SECONDS)).isInstanceOf(IOException.class);
      assertThat(reason(uplift)).isEqualTo(CloseReason.ACCESS_REVOKED);
    }
  }

  @ParameterizedTest
  @MethodSource("transportsAndSuites")
  void endOfTheMemoryCutsBothDirections(Transport transport, String suite) throws Exception {
    CompletableFuture<Throwable> end = new CompletableFuture<>();
    try (Origin origin = origin(end);
        Uplift uplift = uplift(transport, Duration.ofMinutes(1));
        SSLSocket device = device(uplift, origin, suite)) {
      uplift.observer.downFailure = new OutOfMemoryError("direct buffer memory");
      device.getOutputStream().write("GET / HTTP/1.0\n".getBytes(US_ASCII));
      assertThatThrownBy(() -> device.getInputStream().readAllBytes())
          .isInstanceOf(IOException.class);
      assertThat(end.get(10, TimeUnit.SECONDS)).isInstanceOf(IOException.class);
      assertThat(reason(uplift)).isEqualTo(CloseReason.OVERLOADED);
    }
  }

  /** The close_notify of the device itself does not make the response complete. */
  @ParameterizedTest
  @MethodSource("transports")
  void originWithoutCloseNotifyCutsTheResponse(Transport transport) throws Exception {
    try (ServerSocket origin = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
        Uplift uplift = uplift(transport, Duration.ofMinutes(1))) {
      CompletableFuture<Void> serving = CompletableFuture.runAsync(() -> truncate(origin));
      HostPort target = new HostPort("localhost", origin.getLocalPort());
      try (SSLSocket device = Device.through(uplift.web(), target, OWN.trusting(), "TLSv1")) {
        readHalf(device);
        device.shutdownOutput();
        assertCut(device);
      }
      serving.get(10, TimeUnit.SECONDS);
    }
  }

  /** The origin reads the rest only after the cut. */
  @ParameterizedTest
  @MethodSource("transports")
  void idleTimeoutCutsARequestThatTheOriginDoesNotRead(Transport transport) throws Exception {
    CountDownLatch cut = new CountDownLatch(1);
    try (ServerSocket origin = new ServerSocket();
        Uplift uplift = uplift(transport, Duration.ofMillis(300))) {
      origin.setReceiveBufferSize(SMALL);
      origin.bind(new InetSocketAddress("127.0.0.1", 0));
      CompletableFuture<Throwable> end =
          CompletableFuture.supplyAsync(() -> endOfRequest(origin, cut));
      HostPort target = new HostPort("localhost", origin.getLocalPort());
      try (SSLSocket device = Device.through(uplift.web(), target, OWN.trusting(), "TLSv1")) {
        byte[] part = new byte[SMALL];
        assertThatThrownBy(
                () -> {
                  while (true) {
                    device.getOutputStream().write(part);
                  }
                })
            .isInstanceOf(IOException.class);
        cut.countDown();
        assertThat(end.get(20, TimeUnit.SECONDS)).isInstanceOf(IOException.class);
      }
    }
  }

  /** Returns the exception at the end of a request, or null if it looks complete. */
  private static @Nullable Throwable endOfRequest(ServerSocket origin, CountDownLatch cut) {
    try (Socket raw = origin.accept()) {
      SSLSocket tls =
          (SSLSocket) ORIGINS.serving("localhost").getSocketFactory().createSocket(raw, null, true);
      tls.setEnabledProtocols(new String[] {"TLSv1.2"});
      tls.startHandshake();
      cut.await();
      tls.getInputStream().transferTo(OutputStream.nullOutputStream());
      return null;
    } catch (IOException | InterruptedException ended) {
      return ended;
    }
  }

  private static void truncate(ServerSocket origin) {
    try (Socket raw = origin.accept()) {
      SSLSocket tls =
          (SSLSocket) ORIGINS.serving("localhost").getSocketFactory().createSocket(raw, null, true);
      try {
        tls.setEnabledProtocols(new String[] {"TLSv1.2"});
        Device.readLine(tls.getInputStream());
        tls.getOutputStream().write("half of".getBytes(US_ASCII));
        // The JDK would reply to the close_notify.
        assertThat(raw.getInputStream().readAllBytes()).isNotEmpty();
      } finally {
        // Java 17 closes a TLS socket that it collects, and the connection below it.
        Reference.reachabilityFence(tls);
      }
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }
}
