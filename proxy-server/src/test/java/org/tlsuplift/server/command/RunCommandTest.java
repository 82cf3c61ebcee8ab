package org.tlsuplift.server.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.Peer;
import org.tlsuplift.server.command.text.LogLevels;
import org.tlsuplift.server.daemon.ReloadRequest;
import org.tlsuplift.server.daemon.ReloadSocket;
import org.tlsuplift.server.testing.AtOnce;

/** The daemon's life, in this process. */
class RunCommandTest {
  @TempDir Path directory;
  private final Lines lines = new Lines();
  private final Logger logger = (Logger) LoggerFactory.getLogger(RunCommand.class);
  private final Stop stop = new Stop();

  @BeforeEach
  void listen() {
    LogLevels.normal();
    lines.start();
    logger.addAppender(lines);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(lines);
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "[::1]"})
  void logsItsListenersAndExitsWith0WhenStopped(String admin) throws Exception {
    if (admin.startsWith("[")) {
      Peer.requireIpv6();
    }
    CompletableFuture<CommandRun> run =
        start(Configs.write(directory, "admin: {bind: '%s:0'}".formatted(admin)));
    lines.find("ready");
    Matcher web =
        lines.find("listener web: http-connect on 127\\.0\\.0\\.1:(\\d+), profile legacy");
    lines.find("admin: http://" + Pattern.quote(admin) + ":\\d+/metrics");
    InetSocketAddress address = new InetSocketAddress("127.0.0.1", Integer.parseInt(web.group(1)));
    Device.open(address).close();

    stop.now.countDown();

    assertThat(run.get(60, TimeUnit.SECONDS).exit()).isZero();
    lines.find("stopped; interrupted sessions: 0");
    new ServerSocket(address.getPort(), 1, address.getAddress()).close();
  }

  @Test
  void aFirstStartLogsItsListenersBeforeRemarksAndEndsWithTheNextStep() throws Exception {
    Logger all = (Logger) LoggerFactory.getLogger("org.tlsuplift.server");
    logger.detachAppender(lines);
    all.addAppender(lines);
    try {
      String config = Configs.write(directory, "admin: {bind: '127.0.0.1:0'}");
      for (boolean first : new boolean[] {true, false}) {
        lines.lines.clear();
        Stop end = new Stop();
        CompletableFuture<CommandRun> run =
            AtOnce.supply(() -> CommandRun.of(end, "run", "-c", config));
        lines.find("ready");
        if (first) {
          lines.find("next: set up a device .* http://127\\.0\\.0\\.1:\\d+/ has the steps");
        }
        await().until(() -> Files.exists(directory.resolve("data/inventory.db")));
        end.now.countDown();
        run.get(60, TimeUnit.SECONDS);
        List<String> logged = List.copyOf(lines.lines);
        assertThat(logged.get(0)).endsWith("reach Microsoft 365 with TLS 1.2 or 1.3");
        int listener = index(logged, "listener web: ");
        assertThat(listener).isPositive().isLessThan(index(logged, "tls: "));
        assertThat(logged.stream().anyMatch(line -> line.startsWith("next: "))).isEqualTo(first);
      }
    } finally {
      all.detachAppender(lines);
    }
  }

  private static int index(List<String> lines, String beginning) {
    return lines.indexOf(
        lines.stream().filter(line -> line.startsWith(beginning)).findFirst().orElseThrow());
  }

  @Test
  void endsSessionsThatOutlastTheDrainTimeout() throws Exception {
    String config =
        Configs.write(directory, "admin: {bind: '127.0.0.1:0'}", "limits: {drainTimeout: 0s}");
    CompletableFuture<CommandRun> run = start(config);
    lines.find("ready");
    int port = Integer.parseInt(lines.find("listener web: .*:(\\d+),.*").group(1));
    try (Socket device = Device.open(new InetSocketAddress("127.0.0.1", port))) {
      Device.connect(device, new org.tlsuplift.proxy.model.HostPort("localhost", 65535));

      stop.now.countDown();

      assertThat(run.get(60, TimeUnit.SECONDS).exit()).isZero();
      lines.find("stopped; interrupted sessions: 1");
      assertThat(device.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void healthReportsTheStateOfTheDaemon() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    String config = Configs.write(directory, "admin: {bind: '127.0.0.1:" + port + "'}");
    CommandRun before = CommandRun.of("health", "-c", config);
    assertThat(before.exit()).isEqualTo(1);
    assertThat(before.err()).contains("no response from").hasLineCount(1);

    CompletableFuture<CommandRun> run = start(config);
    lines.find("ready");
    CommandRun ready = CommandRun.of("health", "-c", config);
    assertThat(ready.exit()).as(ready.err()).isZero();
    assertThat(ready.out()).isEqualToIgnoringNewLines("ready");

    stop.now.countDown();
    run.get(60, TimeUnit.SECONDS);
    assertThat(CommandRun.of("health", "-c", config).exit()).isEqualTo(1);
  }

  @Test
  void aSecondInstanceWithTheSameConfigurationHasAnotherAdminPort() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    // The port in the configuration is that of the first instance.
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String config =
          Configs.write(directory, "admin: {bind: '127.0.0.1:" + taken.getLocalPort() + "'}");
      String other = String.valueOf(port);
      CompletableFuture<CommandRun> run =
          AtOnce.supply(() -> CommandRun.of(stop, "run", "-c", config, "--admin-port", other));
      lines.find("admin: http://127\\.0\\.0\\.1:" + port + "/metrics");
      lines.find("ready");
      CommandRun ready = CommandRun.of("health", "-c", config, "--admin-port", other);
      assertThat(ready.exit()).as(ready.err()).isZero();
      stop.now.countDown();
      run.get(60, TimeUnit.SECONDS);
    }
  }

  @Test
  void healthChecksTheNewDaemonAfterAHandOver() throws Exception {
    int first = freePort();
    int second = freePort();
    String config = Configs.write(directory, "admin: {bind: '127.0.0.1:" + first + "'}");
    CompletableFuture<CommandRun> old = start(config);
    lines.find("ready");
    Stop next = new Stop();
    CompletableFuture<CommandRun> run =
        AtOnce.supply(
            () -> CommandRun.of(next, "run", "-c", config, "--admin-port", String.valueOf(second)));
    lines.find("admin: http://127\\.0\\.0\\.1:" + second + "/metrics");
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                ReloadRequest.adminAddress(
                        ReloadSocket.of(directory.resolve("data")), Duration.ofSeconds(5))
                    .filter(address -> address.getPort() == second)
                    .isPresent());

    stop.now.countDown();
    old.get(30, TimeUnit.SECONDS);
    CommandRun ready = CommandRun.of("health", "-c", config);
    assertThat(ready.exit()).as(ready.err()).isZero();
    assertThat(CommandRun.of("health", "-c", config, "--admin-port", String.valueOf(first)).exit())
        .isEqualTo(1);

    next.now.countDown();
    run.get(30, TimeUnit.SECONDS);
    CommandRun none = CommandRun.of("health", "-c", config);
    assertThat(none.exit()).isEqualTo(1);
    assertThat(none.err()).contains("127.0.0.1:" + first);
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  @Test
  void refusesAnInvalidAdminPort() throws Exception {
    CommandRun run =
        CommandRun.of(stop, "run", "-c", Configs.write(directory), "--admin-port", "65536");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("--admin-port: got 65536; expected a port from 1 to 65535");
  }

  @Test
  void healthFailsIfTheAdminPortIsUnknown() throws Exception {
    CommandRun run =
        CommandRun.of("health", "-c", Configs.write(directory, "admin: {bind: '127.0.0.1:0'}"));
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).contains("admin.bind 127.0.0.1:0");
  }

  @Test
  void namesAPortInUse() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      CommandRun run =
          CommandRun.of(
              stop,
              "run",
              "-c",
              Configs.write(directory, "admin: {bind: '127.0.0.1:" + taken.getLocalPort() + "'}"));
      assertThat(run.exit()).isEqualTo(1);
      assertThat(run.err()).contains("admin.bind", "in use").hasLineCount(1);
    }
  }

  private CompletableFuture<CommandRun> start(String config) {
    return AtOnce.supply(() -> CommandRun.of(stop, "run", "-c", config));
  }

  private static final class Stop implements StopSignal {
    private final CountDownLatch now = new CountDownLatch(1);

    @Override
    public void arm() {}

    @Override
    public void endWithin(Supplier<Duration> longest) {}

    @Override
    public void onReload(Runnable reload) {}

    @Override
    public String await() throws InterruptedException {
      now.await();
      return "the test";
    }
  }

  private static final class Lines extends AppenderBase<ILoggingEvent> {
    private final List<String> lines = new CopyOnWriteArrayList<>();

    @Override
    protected void append(ILoggingEvent event) {
      lines.add(event.getFormattedMessage());
    }

    Matcher find(String pattern) {
      Pattern compiled = Pattern.compile(pattern);
      return await()
          .until(
              () -> lines.stream().map(compiled::matcher).filter(Matcher::matches).findFirst(),
              java.util.Optional::isPresent)
          .orElseThrow();
    }
  }
}
