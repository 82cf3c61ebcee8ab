package org.tlsuplift.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.Leftovers;
import org.tlsuplift.server.daemon.ReloadRequest;
import org.tlsuplift.server.daemon.ReloadSocket;

/** Signals to a real process. */
@DisabledOnOs(OS.WINDOWS)
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ProcessSignalsTest {
  /** What a shell sees of a process that SIGTERM ended: 128 and the signal's number. */
  private static final int TERMINATED = 143;

  private static final Set<Integer> SUPPORTED = Set.of(17, 21, 25);

  private static final Map<String, Integer> PAGES =
      new TreeMap<>(
          Map.of(
              "/",
              200,
              "/devices",
              200,
              "/devices/192.0.2.1",
              404,
              "/messages",
              200,
              "/switch-off",
              200,
              "/ca",
              200,
              "/manual",
              200,
              "/manual/configuration",
              200,
              "/missing",
              404));

  @TempDir Path directory;

  @Test
  void aFirstSignalDrainsAndASecondEndsTheProcessAtOnce() throws Exception {
    Process daemon = start();
    try (BufferedReader log =
        new BufferedReader(
            new InputStreamReader(daemon.getInputStream(), StandardCharsets.UTF_8))) {
      int port =
          Integer.parseInt(find(log, "listener web: .* on 127\\.0\\.0\\.1:(\\d+),.*").group(1));
      find(log, "ready");
      try (Socket device = Device.open(new InetSocketAddress("127.0.0.1", port))) {
        Device.connect(device, new HostPort("localhost", 65535));

        // Not by Process itself, which would close its output too.
        daemon.toHandle().destroy();
        find(log, "SIGTERM: draining: stopped accepting sessions; open sessions: 1");
        assertThat(daemon.isAlive()).isTrue();

        daemon.toHandle().destroy();
        assertThat(daemon.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(daemon.exitValue()).isEqualTo(TERMINATED);
      }
    } finally {
      daemon.destroyForcibly();
    }
  }

  @Test
  void aHangUpReloadsTheConfiguration() throws Exception {
    assumeFalse(isHangUpIgnored(), "started under nohup, which a Java process inherits");
    Process daemon = start();
    try (BufferedReader log =
        new BufferedReader(
            new InputStreamReader(daemon.getInputStream(), StandardCharsets.UTF_8))) {
      find(log, "ready");
      hangUp(daemon);
      find(log, "SIGHUP: configuration reloaded; no key has changed, .*");
      Path config = directory.resolve("test.yaml");
      String text = Files.readString(config);
      Files.writeString(config, text.replace("profile: legacy", "profile: newest"));
      hangUp(daemon);
      find(log, "SIGHUP: the configuration was not reloaded, .*");
      find(log, ".*listeners\\[0].profile: got 'newest'.*");
      Files.writeString(config, text.replace("name: web", "name: renamed"));
      hangUp(daemon);
      find(log, "SIGHUP: configuration reloaded; changed: listeners\\[0].name");
      daemon.toHandle().destroy();
      find(log, "stopped; interrupted sessions: 0");
      assertThat(daemon.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(daemon.exitValue()).isZero();
    } finally {
      daemon.destroyForcibly();
    }
  }

  /** A runtime starts a thread for each signal, and a storm must not leave them waiting. */
  @Test
  void aStormOfHangUpsCausesOneReloadAndOneMore() throws Exception {
    ProcessSignals signals = new ProcessSignals();
    AtomicInteger reloads = new AtomicInteger();
    CountDownLatch gate = new CountDownLatch(1);
    signals.onReload(
        () -> {
          assertThat(Thread.currentThread().getContextClassLoader()).isNotNull();
          reloads.incrementAndGet();
          awaitGate(gate);
        });
    signals.hangUp();
    await().untilAsserted(() -> assertThat(reloads).hasValue(1));
    for (int storm = 0; storm < 500; storm++) {
      signals.hangUp();
    }
    gate.countDown();
    await().untilAsserted(() -> assertThat(reloads).hasValue(2));
    signals.hangUp();
    await().untilAsserted(() -> assertThat(reloads).hasValue(3));
  }

  private static void awaitGate(CountDownLatch gate) {
    try {
      gate.await();
    } catch (InterruptedException stopped) {
      throw new IllegalStateException(stopped);
    }
  }

  @Test
  void aDaemonThatIgnoresHangUpsNamesTheCommand() throws Exception {
    Process daemon =
        java(
            List.of("nohup"),
            Path.of(System.getProperty("java.home")),
            List.of(Hanging.class.getName()));
    try (BufferedReader log =
        new BufferedReader(
            new InputStreamReader(daemon.getInputStream(), StandardCharsets.UTF_8))) {
      find(log, "to reload the configuration, run 'tls-uplift reload': .* ignores SIGHUP, .*");
    } finally {
      daemon.destroyForcibly();
    }
  }

  /** This Java runtime, and others of the versions that the program supports. */
  static List<Path> runtimes() throws IOException {
    Path here = Path.of(System.getProperty("java.home"));
    Map<Integer, Path> byVersion = new TreeMap<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(here.getParent())) {
      for (Path home : all) {
        if (Files.isExecutable(home.resolve("bin/java"))
            && Files.exists(home.resolve("release"))
            && !Files.isSymbolicLink(home)) {
          Matcher version =
              Pattern.compile("JAVA_VERSION=\"(\\d+)")
                  .matcher(Files.readString(home.resolve("release")));
          if (version.find() && SUPPORTED.contains(Integer.valueOf(version.group(1)))) {
            byVersion.put(Integer.valueOf(version.group(1)), home);
          }
        }
      }
    }
    byVersion.put(Runtime.version().feature(), here);
    return List.copyOf(byVersion.values());
  }

  @ParameterizedTest
  @MethodSource("runtimes")
  void showsAllPagesAfterEachWayToReload(Path runtime) throws Exception {
    assumeFalse(isHangUpIgnored(), "started under nohup, which a Java process inherits");
    Process daemon = start(runtime, "--watch");
    try (BufferedReader log =
        new BufferedReader(
            new InputStreamReader(daemon.getInputStream(), StandardCharsets.UTF_8))) {
      String admin = find(log, "admin: (http://127\\.0\\.0\\.1:\\d+).*").group(1);
      find(log, "ready");
      // The inventory's thread makes its tables beside the start; the pages wait for it.
      assertThat(pages(admin)).isEqualTo(PAGES);

      hangUp(daemon);
      find(log, "SIGHUP: configuration reloaded; no key has changed, .*");
      assertThat(pages(admin)).isEqualTo(PAGES);

      var unused = ReloadRequest.send(ReloadSocket.of(directory.resolve("data")));
      find(log, "tls-uplift reload: configuration reloaded; no key has changed, .*");
      assertThat(pages(admin)).isEqualTo(PAGES);

      Path config = directory.resolve("test.yaml");
      Files.writeString(config, Files.readString(config).replace("name: web", "name: renamed"));
      find(log, "a file has changed: configuration reloaded; changed: listeners\\[0].name");
      assertThat(pages(admin)).isEqualTo(PAGES);

      daemon.toHandle().destroy();
      find(log, "stopped; interrupted sessions: 0");
    } finally {
      daemon.destroyForcibly();
    }
  }

  /** The status of each page. */
  private static Map<String, Integer> pages(String admin) throws Exception {
    HttpClient http = HttpClient.newHttpClient();
    Map<String, Integer> status = new TreeMap<>();
    for (String page : PAGES.keySet()) {
      HttpRequest request = HttpRequest.newBuilder(URI.create(admin + page)).build();
      status.put(page, http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode());
    }
    return status;
  }

  /** Stops in an orderly way that never ends. */
  static final class Hanging {
    private Hanging() {}

    /** Takes the signal and does nothing about it. */
    public static void main(String[] args) throws InterruptedException {
      ProcessSignals signals = new ProcessSignals();
      signals.arm();
      signals.onReload(() -> {});
      signals.endWithin(() -> Duration.ofSeconds(1));
      LoggerFactory.getLogger(Hanging.class).warn("ready");
      signals.await();
      Thread.sleep(Duration.ofMinutes(5).toMillis());
    }
  }

  @Test
  void anEndThatHangsIsForced() throws Exception {
    Process hanging =
        java(Path.of(System.getProperty("java.home")), List.of(Hanging.class.getName()));
    try (BufferedReader log =
        new BufferedReader(
            new InputStreamReader(hanging.getInputStream(), StandardCharsets.UTF_8))) {
      find(log, "ready");
      hanging.toHandle().destroy();
      find(log, "SIGTERM: the daemon did not end within 1 s and is ended by force");
      assertThat(hanging.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(hanging.exitValue()).isEqualTo(1);
    } finally {
      hanging.destroyForcibly();
    }
  }

  /** As proc(5) says: the lowest bit of SigIgn is SIGHUP. */
  private static boolean isHangUpIgnored() throws IOException {
    Path status = Path.of("/proc/self/status");
    return Files.exists(status)
        && Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).trim(), 16) & 1) != 0);
  }

  private static void hangUp(Process process) throws Exception {
    Process kill = new ProcessBuilder("sh", "-c", "kill -HUP " + process.pid()).start();
    assertThat(kill.waitFor()).isZero();
  }

  private Process start() throws IOException {
    return start(Path.of(System.getProperty("java.home")));
  }

  private Process start(Path runtime, String... options) throws IOException {
    Path config = directory.resolve("test.yaml");
    Files.writeString(
        config,
        """
        dataDirectory: '%s'
        listeners:
          - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
        routes:
          - {to: ["localhost:1024-65535"], action: bridge}
        certificateAuthority: {keyAlgorithm: EC-P256}
        admin: {bind: "127.0.0.1:0"}
        limits: {negotiationTimeout: 5m, drainTimeout: 5m}
        """
            .formatted(directory.resolve("data")));
    List<String> command =
        new ArrayList<>(List.of(Main.class.getName(), "run", "--config", config.toString()));
    command.addAll(List.of(options));
    return java(runtime, command);
  }

  private static Process java(Path runtime, List<String> arguments) throws IOException {
    return java(List.of(), runtime, arguments);
  }

  private static Process java(List<String> prefix, Path runtime, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>(prefix);
    command.add(runtime.resolve("bin/java").toString());
    // The logging of the tests, which may be on the class path, prints only warnings by default.
    command.addAll(
        List.of(
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Dtest.log=INFO",
            "-cp",
            System.getProperty("java.class.path")));
    command.addAll(arguments);
    return Leftovers.start(new ProcessBuilder(command).redirectErrorStream(true));
  }

  private static Matcher find(BufferedReader log, String pattern) throws IOException {
    Pattern wanted = Pattern.compile(".* " + pattern + "\\s*");
    StringBuilder seen = new StringBuilder();
    for (String line = log.readLine(); line != null; line = log.readLine()) {
      Matcher matcher = wanted.matcher(line);
      if (matcher.matches()) {
        return matcher;
      }
      seen.append(line).append('\n');
    }
    throw new AssertionError("no line like '" + pattern + "' in:\n" + seen);
  }
}
