package org.tlsuplift.server.it.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.server.daemon.ReloadRequest;
import org.tlsuplift.server.daemon.ReloadResult;
import org.tlsuplift.server.daemon.ReloadSocket;
import org.tlsuplift.server.it.device.Companion;
import org.tlsuplift.server.it.device.Device.Way;
import org.tlsuplift.server.it.lab.CommandLineRun;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Conversations;
import org.tlsuplift.server.it.peer.JsseOrigin;

/** The configuration of the started daemon changes again and again, while devices relay. */
class ReloadIT {
  @RegisterExtension static final Lab lab = new Lab();

  /** A lost file of each reload, or 140 KiB of heap, exceeds the limits. A soak takes more. */
  private static final int RELOADS = Integer.getInteger("uplift.reloads", 80);

  /** Until then, caches and pools grow to their usual size. */
  private static final int WARM = RELOADS / 4;

  private static final int HALF_BLOCK = 20_000;

  /**
   * The halves of blocks that a device relays for each reload. The number is fixed, so that the
   * devices of a slow machine have no more to do. It is odd, so that every second reload begins in
   * the middle of a block.
   */
  private static final int HALVES = 3;

  private static TestCa ca;
  private static JsseOrigin echo;
  private static int port;
  private static Daemon daemon;

  @BeforeAll
  static void start() {
    ca = new TestCa(lab);
    echo = JsseOrigin.start(lab, ca.issue("localhost"), Conversations::echo);
    port = Loopback.freePort(Loopback.V4);
    daemon = Daemon.start(lab, antique());
  }

  /** Each test leaves another configuration in the daemon. */
  @BeforeEach
  void configureAsAtTheStart() throws IOException {
    configure(daemon, yaml(0, port));
    assertThat(reload(daemon).problems()).isEmpty();
  }

  /** A configuration that differs in many keys from the one before. */
  private static String yaml(int round, int port) {
    StringBuilder yaml = new StringBuilder();
    yaml.append("listeners:\n");
    yaml.append(listener("web", port, "legacy", round));
    if (round % 2 == 1) {
      yaml.append(listener("scan", 0, round % 4 == 1 ? "modern" : "legacy", round));
    }
    yaml.append(
        "routes:\n  - {to: [\"localhost:1024-65535\"], action: bridge, whenModern: bridge}\n");
    if (round % 3 == 1) {
      yaml.append("  - {to: [\"*.contoso.example:443\"], action: tunnel}\n");
    }
    yaml.append(
        "upstream: {trust: \"%s\", connectTimeout: %ds, dnsTimeout: %ds}\n"
            .formatted(ca.file(), 5 + round % 3, 3 + round % 2));
    yaml.append(
        "limits: {maxSessions: %d, handshakesPerSecond: %d, idleTimeout: %dm}\n"
            .formatted(500 + round, 100 + round % 5, 5 + round % 2));
    yaml.append(
        "devices: {allow: [127.0.0.0/8%s], names: {127.0.0.1: device-%d}}\n"
            .formatted(round % 2 == 0 ? "" : ", 10.0.0.0/8", round));
    yaml.append("inventory: {readyAfter: %dd}\n".formatted(30 + round % 2));
    if (round % 4 != 3) {
      yaml.append("accessLog: {file: access-%d.log}\n".formatted(round % 2));
    }
    if (round % 2 == 1) {
      yaml.append("log: {linesPerMinute: 999999}\n");
    }
    // An RSA key would take most of the time of a reload, which proves that its two files belong
    // together.
    yaml.append(
        "certificateAuthority: {keyAlgorithm: EC-P256%s}\n"
            .formatted(round % 5 == 4 ? ", signature: SHA384" : ""));
    return yaml.toString();
  }

  private static String listener(String name, int port, String profile, int round) {
    return "  - {name: %s, bind: \"127.0.0.1:%d\", accept: http-connect, profile: %s%s}\n"
        .formatted(name, port, profile, round % 3 == 2 ? ", whenModern: bridge" : "");
  }

  /** With the listener that only a start can add. */
  private static String antique() {
    return """
        listeners:
          - name: web
            bind: "127.0.0.1:%d"
            accept: http-connect
            profile: antique
            devices: [127.0.0.0/8]
            until: 2099-12-31
        routes: [{to: ["localhost:1024-65535"], action: bridge, whenModern: bridge}]
        upstream: {trust: "%s"}
        certificateAuthority: {keyAlgorithm: EC-P256}
        """
        .formatted(port, ca.file());
  }

  private static void configure(Daemon daemon, String yaml) throws IOException {
    String log = yaml.contains("log:") ? "" : "log: {linesPerMinute: 1000000}\n";
    Path file = Daemon.config(daemon.folder());
    Path next = file.resolveSibling("next.yaml");
    Files.writeString(
        next,
        "dataDirectory: "
            + Daemon.data(daemon.folder())
            + "\nadmin: {bind: \"127.0.0.1:0\"}\n"
            + log
            + yaml);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static ReloadResult reload(Daemon daemon) throws IOException {
    return ReloadRequest.send(ReloadSocket.of(Daemon.data(daemon.folder())));
  }

  private static X509Certificate certificate(Path file) throws Exception {
    try (InputStream pem = Files.newInputStream(file)) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(pem);
    }
  }

  private static SSLSocket device(Daemon daemon, InetSocketAddress proxy, JsseOrigin echo)
      throws Exception {
    return device(certificate(daemon.authority()), proxy, echo);
  }

  private static SSLSocket device(X509Certificate root, InetSocketAddress proxy, JsseOrigin echo)
      throws Exception {
    return Device.through(
        proxy,
        new HostPort("localhost", echo.address().getPort()),
        TestAuthority.trusting(root),
        "TLSv1.2");
  }

  /** Sends random blocks, a half for each permit, and fails unless they come back unchanged. */
  private static Void relay(SSLSocket device, long seed, Semaphore halves) throws Exception {
    Random random = new Random(seed);
    byte[] sent = new byte[2 * HALF_BLOCK];
    byte[] received = new byte[2 * HALF_BLOCK];
    DataInputStream in = new DataInputStream(device.getInputStream());
    for (int block = 0; block < RELOADS * HALVES / 2; block++) {
      random.nextBytes(sent);
      halves.acquire();
      device.getOutputStream().write(sent, 0, HALF_BLOCK);
      halves.acquire();
      device.getOutputStream().write(sent, HALF_BLOCK, HALF_BLOCK);
      in.readFully(received);
      assertThat(received).isEqualTo(sent);
    }
    return null;
  }

  @Test
  void devicesRelayEveryByteThroughAllReloads() throws Exception {
    long generation = daemon.metrics().sum("tlsuplift_config_generation");
    InetSocketAddress web = new InetSocketAddress(Loopback.V4, port);
    ExecutorService devices = Executors.newCachedThreadPool();
    lab.add(devices::shutdownNow);
    List<Semaphore> permits = new ArrayList<>();
    List<Future<?>> relays = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      SSLSocket device = device(daemon, web, echo);
      Semaphore halves = new Semaphore(0);
      permits.add(halves);
      long seed = i;
      relays.add(devices.submit(() -> relay(device, seed, halves)));
    }
    Companion companion = Companion.open(lab, Way.connect(daemon, "web", echo.byName()));
    long files = 0;
    long heap = 0;
    for (int round = 1; round <= RELOADS; round++) {
      permits.forEach(halves -> halves.release(HALVES));
      configure(daemon, yaml(round, port));
      assertThat(reload(daemon).problems()).isEmpty();
      if (round % 10 == 0) {
        companion.assertAlive();
        try (SSLSocket device = device(daemon, web, echo)) {
          device.getOutputStream().write("new\n".getBytes(StandardCharsets.US_ASCII));
          assertThat(Device.readLine(device.getInputStream())).isEqualTo("new");
        }
      }
      if (round == WARM) {
        files = openFiles(daemon);
        heap = heapAfterCollection(daemon);
      }
    }
    companion.close();
    for (Future<?> each : relays) {
      each.get();
    }
    assertThat(daemon.metrics().sum("tlsuplift_config_generation")).isEqualTo(generation + RELOADS);
    assertThat(daemon.metrics().sum("tlsuplift_config_last_reload_successful")).isOne();
    assertThat(openFiles(daemon)).isLessThanOrEqualTo(files + 6);
    assertThat(heapAfterCollection(daemon))
        .as("MiB before: " + (heap >> 20))
        .isLessThan(heap + (8 << 20));
  }

  private static long openFiles(Daemon daemon) throws IOException {
    try (Stream<Path> files = Files.list(Path.of("/proc/" + daemon.pid() + "/fd"))) {
      return files.count();
    }
  }

  private static long heapAfterCollection(Daemon daemon) {
    daemon.jcmd("GC.run");
    return daemon.metrics().sum("jvm_memory_used_bytes", "area", "heap");
  }

  @Test
  void theCommandPrintsAllProblemsAndTheDaemonKeepsItsConfiguration() throws Exception {
    int taken = Loopback.freePort(Loopback.V4);
    String config = Daemon.config(daemon.folder()).toString();
    try (ServerSocket other = new ServerSocket(taken, 1, Loopback.V4)) {
      configure(daemon, yaml(0, other.getLocalPort()));

      Run refused = Run.of(Daemon.jar("reload", "--config", config));

      assertThat(refused.exit()).isEqualTo(2);
      assertThat(refused.output())
          .contains(
              "the configuration was not reloaded, and the running one stays in use",
              "listener 'web' cannot listen on",
              "in use");
    }
    assertThat(daemon.metrics().sum("tlsuplift_config_last_reload_successful")).isZero();
    try (SSLSocket device = device(daemon, new InetSocketAddress(Loopback.V4, port), echo)) {
      assertThat(device.getSession().getProtocol()).isEqualTo("TLSv1.2");
    }
    configure(daemon, yaml(2, port));
    assertThat(CommandLineRun.of("reload", "--config", config).succeeded().output())
        .contains("reloaded; changed:", "limits.maxSessions");
    assertThat(daemon.metrics().sum("tlsuplift_config_last_reload_successful")).isOne();
  }

  @Test
  void aListenerGetsACaOfItsOwnAndLosesIt() throws Exception {
    InetSocketAddress old = new InetSocketAddress(Loopback.V4, port);
    String common = antique();
    String own =
        common.replace(
            "until: 2099-12-31", "until: 2099-12-31\n    certificate: {keyAlgorithm: EC-P256}");
    configure(daemon, common);
    assertThat(reload(daemon).problems()).isEmpty();
    device(daemon, old, echo).close();

    configure(daemon, own);
    assertThat(reload(daemon).problems()).isEmpty();

    Path authority = Daemon.data(daemon.folder()).resolve("listeners/web/ca.crt.pem");
    device(certificate(authority), old, echo).close();
    assertThatThrownBy(() -> device(daemon, old, echo)).isInstanceOf(IOException.class);

    configure(daemon, common);
    assertThat(reload(daemon).problems()).isEmpty();

    device(daemon, old, echo).close();
  }

  /** As kubelet does with a ConfigMap: a link to a directory is replaced. */
  @Test
  void aReplacedLinkReloadsIfTheDaemonWatches() throws Exception {
    Daemon watching = Daemon.start(lab, yaml(0, 0), "--watch");
    Path file = Daemon.config(watching.folder());
    Path mount = Files.createDirectory(watching.folder().resolve("mount"));
    Path first = Files.createDirectory(mount.resolve("..2026_01"));
    Files.copy(file, first.resolve("tls-uplift.yaml"));
    Files.createSymbolicLink(mount.resolve("..data"), Path.of("..2026_01"));
    Path link = watching.folder().resolve("link");
    Files.createSymbolicLink(link, mount.resolve("..data").resolve("tls-uplift.yaml"));
    Files.move(link, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    Path second = Files.createDirectory(mount.resolve("..2026_02"));
    Files.writeString(
        second.resolve("tls-uplift.yaml"),
        Files.readString(file).replace("maxSessions: 500", "maxSessions: 501"));
    Files.createSymbolicLink(mount.resolve("..data_tmp"), Path.of("..2026_02"));

    Files.move(
        mount.resolve("..data_tmp"), mount.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);

    await().until(() -> watching.metrics().sum("tlsuplift_sessions_limit") == 501);
  }
}
