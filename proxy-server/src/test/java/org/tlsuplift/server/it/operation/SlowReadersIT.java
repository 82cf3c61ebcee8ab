package org.tlsuplift.server.it.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Machine;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Conversations;
import org.tlsuplift.server.it.peer.Nginx;
import org.tlsuplift.server.it.peer.Site;

/** Devices that read slowly neither stop the others nor use up the memory for buffers. */
class SlowReadersIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final int MIB = 1 << 20;
  private static final long MEMORY = 16 * MIB;

  /** More than there is memory for, if each held the 80 to 128 KiB that one of few may hold. */
  private static final int AT_ONCE = 200;

  private static final int BATCH = 25;
  private static final int AT_MOST = 750;

  /** For a machine that does much else. */
  private static final Duration QUICK = Duration.ofSeconds(10);

  private static Daemon daemon;
  private static String origin;
  private static SSLContext trusting;

  @BeforeAll
  static void start() throws Exception {
    TestCa ca = new TestCa(lab);
    Site site = Site.tls12(Loopback.V4, ca.issue("localhost"));
    origin = site.byName();
    Path root = lab.directory("root");
    try (RandomAccessFile file = new RandomAccessFile(root.resolve("large").toFile(), "rw")) {
      file.setLength(64L * MIB);
    }
    Nginx.start(
        lab,
        Machine.HERE,
        """
        worker_rlimit_nofile 10000;
        events { worker_connections 5000; }
        http {
          %s
          keepalive_requests 1000000;
          server {
            listen %s ssl;
            ssl_certificate %s;
            ssl_certificate_key %s;
            ssl_protocols TLSv1.2;
            root %s;
            location = /small { return 200 "small"; }
          }
        }
        """
            .formatted(
                Nginx.HTTP,
                site.byAddress(),
                site.identity().certificateFile(),
                site.identity().keyFile(),
                root),
        Map.of(),
        List.of(site.address()));
    daemon =
        Daemon.startOn(
            lab,
            List.of(
                "-XX:MaxDirectMemorySize=" + MEMORY,
                // Chunks of 512 KiB and not 4 MiB, because there is less memory than usual.
                "-Dio.netty.allocator.maxOrder=6"),
            """
            listeners:
              - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy, whenModern: bridge}
            routes:
              - {to: ["localhost:1024-65535"], action: bridge}
            upstream: {trust: "%s"}
            limits: {maxSessionsPerDevice: 10000, handshakesPerSecond: 100000, handshakeBurst: 100000}
            """
                .formatted(ca.file()));
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    try (InputStream file = Files.newInputStream(daemon.authority())) {
      store.setCertificateEntry(
          "own", CertificateFactory.getInstance("X.509").generateCertificate(file));
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    trusting = SSLContext.getInstance("TLS");
    trusting.init(null, trust.getTrustManagers(), null);
  }

  /**
   * A device that is connected to the origin through a bridge, and has room for little.
   *
   * @param socket not connected yet
   */
  private static SSLSocket device(Socket socket) throws IOException {
    InetSocketAddress web = daemon.listener("web");
    socket.setReceiveBufferSize(4096);
    socket.connect(web);
    socket.setSoTimeout(30_000);
    socket
        .getOutputStream()
        .write(("CONNECT " + origin + " HTTP/1.1\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
    if (!Conversations.readHead(socket.getInputStream()).startsWith("HTTP/1.1 200 ")) {
      throw new IOException("no connection");
    }
    SSLSocket device =
        (SSLSocket)
            trusting.getSocketFactory().createSocket(socket, "localhost", web.getPort(), true);
    // Resumes, which TLS 1.3 does only for those who read.
    device.setEnabledProtocols(new String[] {"TLSv1.2"});
    device.startHandshake();
    return device;
  }

  private static void ask(SSLSocket device, String path) throws IOException {
    device
        .getOutputStream()
        .write(
            ("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
  }

  private static Duration visit(SSLSocket good) throws IOException {
    long start = System.nanoTime();
    ask(good, "/small");
    assertThat(Conversations.readHead(good.getInputStream())).startsWith("HTTP/1.1 200 ");
    assertThat(good.getInputStream().readNBytes(5)).asString().isEqualTo("small");
    return Duration.ofNanos(System.nanoTime() - start);
  }

  private static long pinned() {
    return daemon.metrics().sum("netty_allocator_memory_pinned_bytes", "memory_type", "direct");
  }

  private static long overloaded() {
    return daemon.metrics().sum("tlsuplift_sessions_total", "reason", "overloaded");
  }

  @Test
  void areBoundedTogetherAndRefusedBeforeMemoryIsSpent() throws Exception {
    List<Socket> sockets = new ArrayList<>();
    List<SSLSocket> slow = new ArrayList<>();
    Duration worst = Duration.ZERO;
    try (SSLSocket good = device(new Socket())) {
      for (int i = 0; i < AT_ONCE; i++) {
        sockets.add(new Socket());
        slow.add(device(sockets.get(i)));
      }
      for (int i = 0; i < AT_ONCE; i++) {
        ask(slow.get(i), "/large");
        worst = i % BATCH == 0 ? longer(worst, visit(good)) : worst;
      }
      AtomicLong last = new AtomicLong(-1);
      await()
          .pollInterval(Duration.ofMillis(300))
          .until(() -> last.getAndSet(pinned()) == last.get());
      worst = longer(worst, visit(good));
      assertThat(daemon.metrics().sum("tlsuplift_sessions_total"))
          .as("sessions that ended: %s", daemon.output())
          .isZero();

      while (overloaded() == 0 && sockets.size() < AT_MOST) {
        addUntilRefused(sockets, slow);
        worst = longer(worst, visit(good));
      }
      assertThat(overloaded()).isPositive();
      assertThat(daemon.metrics().sum("tlsuplift_sessions_total"))
          .as("sessions that ended: %s", daemon.output())
          .isEqualTo(overloaded());
      assertThat(daemon.metrics().sum("jvm_buffer_memory_used_bytes", "id", "direct"))
          .as("buffers that the JDK allocates: it would block event loops when there is no memory")
          .isLessThan(MIB);
      expectEnoughMemory();
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
    assertThat(worst).isLessThan(QUICK);
    daemon.awaitSessions(0);
    expectEnoughMemory();
    try (SSLSocket again = device(new Socket())) {
      assertThat(visit(again)).as("memory is back").isLessThan(QUICK);
    }
  }

  private static void expectEnoughMemory() {
    assertThat(daemon.output())
        .doesNotContain("Cannot reserve", "OutOfDirectMemory", "OutOfMemory");
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  private static void addUntilRefused(List<Socket> sockets, List<SSLSocket> slow) {
    try {
      for (int i = 0; i < BATCH; i++) {
        Socket socket = new Socket();
        sockets.add(socket);
        SSLSocket device = device(socket);
        // Kept, because a finalizer would close it.
        slow.add(device);
        ask(device, "/large");
      }
    } catch (IOException refused) {
      // The metrics tell why.
    }
  }
}
