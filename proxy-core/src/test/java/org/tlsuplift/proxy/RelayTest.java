package org.tlsuplift.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.accept.Transport;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.Origin;
import org.tlsuplift.proxy.testing.Payload;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.TlsRecords;
import org.tlsuplift.proxy.testing.Uplift;

/** No byte is lost, repeated or reordered, for any sizes, speeds and order of the ends. */
class RelayTest {
  private static final TestAuthority OWN = TestAuthority.create();
  private static final TestAuthority ORIGINS = TestAuthority.create();
  private static final int FITS_IN_BUFFERS = 200_000;
  private static final int MIB = 1 << 20;

  /** Linux lets a socket's receive buffer grow to 32 MiB (tcp_rmem), and a session has two. */
  private static final long KERNELS_HOLD = 80L * MIB;

  private static final long MORE_THAN_KERNELS_HOLD = 128L * MIB;

  /** Watermarks and reads need about 100 KiB, but the allocator reserves larger chunks. */
  private static final long PROXY_HOLDS = 32L * MIB;

  /** The session is bridged below TLS 1.2, otherwise tunnelled. */
  private static SSLSocket device(Uplift uplift, Origin origin, String version) throws Exception {
    boolean bridged = version.compareTo("TLSv1.2") < 0;
    return Device.through(
        uplift.web(), origin.as("localhost"), (bridged ? OWN : ORIGINS).trusting(), version);
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

  @ParameterizedTest
  @CsvSource({
    "TLSv1, 1", "TLSv1, 16385", "TLSv1, 1000000", "TLSv1, 67108864",
    "TLSv1.2, 1", "TLSv1.2, 16385", "TLSv1.2, 1000000", "TLSv1.2, 67108864"
  })
  void carriesBothWaysAtOnce(String version, long length) throws Exception {
    Payload up = new Payload(1, length);
    Payload down = new Payload(2, length);
    CompletableFuture<Void> originRead = new CompletableFuture<>();
    Origin.Script script =
        socket -> {
          CompletableFuture<Void> writing = async(() -> down.write(socket.getOutputStream()));
          try {
            up.read(socket.getInputStream());
            originRead.complete(null);
          } catch (Throwable failed) {
            originRead.completeExceptionally(failed);
          }
          writing.join();
          // Stays open until the device has read everything.
          assertThat(socket.getInputStream().read()).isNegative();
        };
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), script, "TLSv1.2");
        Uplift uplift = new Uplift(new Uplift.Settings(), OWN, ORIGINS)) {
      try (SSLSocket device = device(uplift, origin, version)) {
        CompletableFuture<Void> writing = async(() -> up.write(device.getOutputStream()));
        down.read(device.getInputStream());
        writing.get(60, TimeUnit.SECONDS);
        originRead.get(60, TimeUnit.SECONDS);
      }
      await().until(() -> !uplift.observer.closed.isEmpty());
      if (version.equals("TLSv1")) {
        SessionSummary summary = uplift.observer.closed.get(0);
        assertThat(summary.bytesUp()).isEqualTo(length);
        assertThat(summary.bytesDown()).isEqualTo(length);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void carriesOnEveryTransport(Transport transport) throws Exception {
    Assumptions.assumeTrue(transport.isAvailable(), transport + " does not exist on this system");
    Payload down = new Payload(3, 5 * MIB);
    Uplift.Settings settings = new Uplift.Settings();
    settings.transport = transport;
    try (Origin origin =
            Origin.start(
                ORIGINS.serving("localhost"),
                socket -> down.write(socket.getOutputStream()),
                "TLSv1.2");
        Uplift uplift = new Uplift(settings, OWN, ORIGINS);
        SSLSocket device = device(uplift, origin, "TLSv1")) {
      down.read(device.getInputStream());
      assertThat(device.getInputStream().read()).isNegative();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1", "TLSv1.2"})
  void holdsBackAnOriginWhoseDeviceReadsSlowly(String version) throws Exception {
    Payload down = new Payload(4, MORE_THAN_KERNELS_HOLD);
    try (Origin origin =
            Origin.start(
                ORIGINS.serving("localhost"),
                socket -> down.write(socket.getOutputStream()),
                "TLSv1.2");
        Uplift uplift = new Uplift(new Uplift.Settings(), OWN, ORIGINS);
        SSLSocket device = device(uplift, origin, version)) {
      assertThat(heldAt(down.written)).isLessThan(KERNELS_HOLD);
      assertThat(proxyMemory()).isLessThan(PROXY_HOLDS);
      down.read(device.getInputStream());
      assertThat(device.getInputStream().read()).isNegative();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1", "TLSv1.2"})
  void holdsBackADeviceWhoseOriginReadsSlowly(String version) throws Exception {
    Payload up = new Payload(5, MORE_THAN_KERNELS_HOLD);
    CountDownLatch readNow = new CountDownLatch(1);
    CompletableFuture<Void> originRead = new CompletableFuture<>();
    Origin.Script script =
        socket -> {
          readNow.await();
          up.read(socket.getInputStream());
          originRead.complete(null);
        };
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), script, "TLSv1.2");
        Uplift uplift = new Uplift(new Uplift.Settings(), OWN, ORIGINS);
        SSLSocket device = device(uplift, origin, version)) {
      CompletableFuture<Void> writing = async(() -> up.write(device.getOutputStream()));
      assertThat(heldAt(up.written)).isLessThan(KERNELS_HOLD);
      assertThat(proxyMemory()).isLessThan(PROXY_HOLDS);
      readNow.countDown();
      originRead.get(60, TimeUnit.SECONDS);
      writing.get(60, TimeUnit.SECONDS);
    }
  }

  /** The memory of the proxy's buffers. The devices and origins of these tests do not use it. */
  private static long proxyMemory() {
    return PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
  }

  /** The number of bytes after which a writer blocks because no peer reads. */
  private static long heldAt(AtomicLong written) {
    await().until(() -> written.get() > 0);
    AtomicLong last = new AtomicLong(-1);
    await()
        .pollInterval(Duration.ofMillis(300))
        .until(() -> last.getAndSet(written.get()) == written.get());
    return written.get();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1", "TLSv1.2"})
  void deliversEverythingWhenTheOriginClosesFirst(String version) throws Exception {
    Payload down = new Payload(6, FITS_IN_BUFFERS);
    CountDownLatch done = new CountDownLatch(1);
    Origin.Script script =
        socket -> {
          down.write(socket.getOutputStream());
          socket.close();
          done.countDown();
        };
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), script, "TLSv1.2");
        Uplift uplift = new Uplift(new Uplift.Settings(), OWN, ORIGINS);
        SSLSocket device = device(uplift, origin, version)) {
      assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
      down.read(device.getInputStream());
      // The JDK throws when a stream ends without close_notify.
      assertThat(device.getInputStream().read()).isNegative();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1", "TLSv1.2"})
  void deliversEverythingWhenTheDeviceClosesBeforeTheOriginIsReady(String version)
      throws Exception {
    Payload up = new Payload(7, 5000);
    CountDownLatch gate = new CountDownLatch(version.equals("TLSv1") ? 1 : 0);
    CompletableFuture<Integer> end = new CompletableFuture<>();
    Origin.Script script =
        socket -> {
          try {
            up.read(socket.getInputStream());
            end.complete(socket.getInputStream().read());
          } catch (Throwable failed) {
            end.completeExceptionally(failed);
          }
        };
    try (Origin origin = Origin.gated(ORIGINS.serving("localhost"), gate, script, "TLSv1.2");
        Uplift uplift = new Uplift(new Uplift.Settings(), OWN, ORIGINS)) {
      try (SSLSocket device = device(uplift, origin, version)) {
        up.write(device.getOutputStream());
      }
      gate.countDown();
      assertThat(end.get(60, TimeUnit.SECONDS)).isNegative();
    }
  }

  @Test
  void carriesAHalfCloseThroughATunnel() throws Exception {
    try (ServerSocket origin = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
        Uplift uplift = new Uplift(new Uplift.Settings(), OWN, ORIGINS);
        Socket device = Device.open(uplift.web())) {
      HostPort target = new HostPort("localhost", origin.getLocalPort());
      assertThat(Device.connect(device, target)).startsWith("HTTP/1.1 200");
      byte[] hello = hello("TLSv1.2");
      device.getOutputStream().write(hello);
      device.shutdownOutput();
      try (Socket accepted = origin.accept()) {
        assertThat(accepted.getInputStream().readAllBytes()).isEqualTo(hello);
        accepted.getOutputStream().write(TlsRecords.serverHello());
        OutputStream records = TlsRecords.into(accepted.getOutputStream());
        records.write("still here\n".getBytes(StandardCharsets.US_ASCII));
        records.write("and here".getBytes(StandardCharsets.US_ASCII));
      }
      byte[] received = TlsRecords.outOf(device.getInputStream()).readAllBytes();
      assertThat(new String(received, StandardCharsets.US_ASCII)).isEqualTo("still here\nand here");
    }
  }

  @ParameterizedTest
  @MethodSource("transports")
  void relaysMegabytesAfterAHalfClose(Transport transport) throws Exception {
    Uplift.Settings settings = new Uplift.Settings();
    settings.transport = transport;
    int size = 16 << 20;
    try (ServerSocket origin = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
        Uplift uplift = new Uplift(settings, OWN, ORIGINS);
        Socket device = Device.open(uplift.web())) {
      HostPort target = new HostPort("localhost", origin.getLocalPort());
      assertThat(Device.connect(device, target)).startsWith("HTTP/1.1 200");
      byte[] hello = hello("TLSv1.2");
      device.getOutputStream().write(hello);
      device.shutdownOutput();
      CompletableFuture<Void> sent =
          CompletableFuture.runAsync(
              () -> {
                try (Socket accepted = origin.accept()) {
                  accepted.getInputStream().readNBytes(hello.length);
                  accepted.getOutputStream().write(TlsRecords.serverHello());
                  new Payload(2, size).write(TlsRecords.into(accepted.getOutputStream()));
                } catch (IOException broken) {
                  throw new UncheckedIOException(broken);
                }
              });
      InputStream received = TlsRecords.outOf(device.getInputStream());
      new Payload(2, size).read(received);
      assertThat(received.read()).isEqualTo(-1);
      sent.get(60, TimeUnit.SECONDS);
    }
  }

  private static Stream<Transport> transports() {
    return Stream.of(Transport.values()).filter(Transport::isAvailable);
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
          } catch (java.io.IOException truncated) {
            seen.complete(line + " then truncated");
          }
        };
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), script, "TLSv1.2");
        Uplift uplift = new Uplift(new Uplift.Settings(), OWN, ORIGINS);
        Socket raw = Device.open(uplift.web())) {
      Device.connect(raw, origin.as("localhost"));
      SSLSocket device = Device.handshake(raw, "localhost", OWN.trusting(), "TLSv1");
      device.getOutputStream().write("scan\n".getBytes(StandardCharsets.US_ASCII));
      raw.shutdownOutput();
      // A truncated stream must not look complete on the other side.
      assertThat(seen.get(60, TimeUnit.SECONDS)).isEqualTo("scan then truncated");
    }
  }

  /** A complete ClientHello of the JDK. */
  static byte[] hello(String version) throws Exception {
    SSLContext context = ORIGINS.trusting();
    SSLEngine engine = context.createSSLEngine("localhost", 443);
    engine.setUseClientMode(true);
    engine.setEnabledProtocols(new String[] {version});
    ByteBuffer out = ByteBuffer.allocate(20_000);
    engine.wrap(ByteBuffer.allocate(0), out);
    byte[] hello = new byte[out.flip().remaining()];
    out.get(hello);
    return hello;
  }

  @Test
  void idleTimeoutEndsAStalledSession() throws Exception {
    Uplift.Settings settings = new Uplift.Settings();
    settings.limits =
        Uplift.limits(10, 10, Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofMillis(300));
    CountDownLatch never = new CountDownLatch(1);
    try (Origin origin =
            Origin.start(ORIGINS.serving("localhost"), socket -> never.await(), "TLSv1.2");
        Uplift uplift = new Uplift(settings, OWN, ORIGINS);
        SSLSocket device = device(uplift, origin, "TLSv1")) {
      // A stream that the proxy cuts must not look complete.
      assertThatThrownBy(() -> device.getInputStream().read()).isInstanceOf(SSLException.class);
      await().until(() -> !uplift.observer.closed.isEmpty());
      assertThat(uplift.observer.closed.get(0).reason())
          .isEqualTo(org.tlsuplift.proxy.outcome.CloseReason.IDLE_TIMEOUT);
    }
  }
}
