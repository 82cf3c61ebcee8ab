package org.tlsuplift.server.it.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.accept.Transport;
import org.tlsuplift.server.it.device.Companion;
import org.tlsuplift.server.it.device.Device.Way;
import org.tlsuplift.server.it.lab.CommandLineRun;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Machine;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Conversations;
import org.tlsuplift.server.it.peer.JsseOrigin;

/** A jar that is replaced under the running daemon is noticed, and the daemon can still stop. */
class ReplacedJarIT {
  @RegisterExtension static final Lab lab = new Lab();

  /** {@code limits.drainTimeout}, what the end may take beyond, and a moment to see it. */
  private static final Duration END = Duration.ofSeconds(1 + 5 + 1);

  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  /** The thread that checks the jar, and loads classes at its first check. */
  private static final String CHECK = "uplift check of the jar";

  private static final Map<String, Overwritten> OVERWRITTEN = new HashMap<>();

  private static JsseOrigin origin;
  private static TestCa ca;
  private static Path moved;
  private static Daemon unharmed;

  /**
   * A daemon whose jar was overwritten.
   *
   * @param mark how long its log was before
   */
  private record Overwritten(Path jar, Daemon daemon, Companion companion, int mark) {}

  /** Each daemon has a jar of its own, and all look at theirs every 5 s, in the same 5 s. */
  @BeforeAll
  static void replaceJars() throws IOException {
    ca = new TestCa(lab);
    origin = JsseOrigin.start(lab, ca.issue("localhost"), Conversations::echo);
    for (String transport : List.of("epoll", "io_uring")) {
      if (Transport.valueOf(transport.toUpperCase(Locale.ROOT)).isAvailable()) {
        overwrite(transport);
      }
    }
    moved = copyOfTheJar();
    unharmed = start(moved, "auto");
    Path young = Files.copy(moved, moved.resolveSibling("young.jar"));
    Files.move(young, moved, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void overwrite(String transport) throws IOException {
    Path jar = copyOfTheJar();
    Daemon daemon = start(jar, transport);
    Companion companion = Companion.open(lab, Way.connect(daemon, "web", origin.byName()));
    awaitClasses(daemon);
    int mark = daemon.mark();
    Files.write(jar, new byte[1000]);
    OVERWRITTEN.put(transport, new Overwritten(jar, daemon, companion, mark));
  }

  private static Path copyOfTheJar() throws IOException {
    return Files.copy(Daemon.jar(), lab.directory("program").resolve("tls-uplift.jar"));
  }

  /** A machine with that copy of the jar. */
  private static Machine with(Path jar) {
    return new Machine() {
      @Override
      public List<String> command(List<String> program) {
        return program.stream()
            // The archive of classes belongs to the original.
            .filter(each -> !each.startsWith("-XX:SharedArchiveFile"))
            .map(each -> each.equals(Daemon.jar().toString()) ? jar.toString() : each)
            .toList();
      }

      @Override
      public boolean accepts(InetSocketAddress address) {
        return HERE.accepts(address);
      }
    };
  }

  private static Daemon start(Path jar, String transport) {
    return Daemon.start(
        lab,
        with(jar),
        """
        listeners:
          - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
        routes:
          - {to: ["localhost:1024-65535"], action: bridge}
        upstream: {trust: "%s"}
        limits: {drainTimeout: 1s}
        inventory: {flushInterval: 5m}
        transport: %s
        """
            .formatted(ca.file(), transport));
  }

  /**
   * Waits until the daemon has its inventory and the classes for its end. It gets them beside its
   * work, which takes longer than its start on a busy machine.
   */
  private static void awaitClasses(Daemon daemon) {
    String inventory =
        "jdbc:sqlite:file:%s?mode=ro"
            .formatted(Daemon.data(daemon.folder()).resolve("inventory.db"));
    await()
        .atMost(TIMEOUT)
        .ignoreExceptionsInstanceOf(SQLException.class)
        .until(
            () -> {
              try (Connection file = DriverManager.getConnection(inventory);
                  Statement statement = file.createStatement();
                  ResultSet rows = statement.executeQuery("SELECT 1 FROM inventory_writer")) {
                return rows.next();
              }
            });
    await().atMost(TIMEOUT).until(() -> !daemon.jcmd("Thread.print").contains(CHECK));
  }

  @ParameterizedTest
  @ValueSource(strings = {"epoll", "io_uring"})
  void stopsOrderlyAfterItsJarWasOverwritten(String transport) {
    Peers.requireTransport(transport);
    Overwritten program = OVERWRITTEN.get(transport);
    Daemon daemon = program.daemon;

    daemon.awaitOutput(program.mark, program.jar + " was overwritten while the daemon runs");
    daemon.awaitOutput(program.mark, "restart the daemon now");
    program.companion.assertAlive();
    daemon.terminate();

    assertThat(daemon.awaitExit(END)).as(daemon.toString()).isZero();
    assertThat(daemon.output())
        .contains("stopped; interrupted sessions: 1")
        .doesNotContain("is lost", "closing failed", "NoClassDefFoundError");
    daemon.awaitSessionLine(program.mark, "reason", "shutdown", "target", origin.byName());
    // What had not been written yet was written at the end, which takes a class or two.
    assertThat(
            CommandLineRun.of(
                    "devices", "--config", Daemon.config(daemon.folder()).toString(), "127.0.0.1")
                .succeeded()
                .output())
        .contains("1 session, 0 failed");
  }

  @Test
  void aJarThatWasMovedIntoPlaceDoesNoHarm() {
    unharmed.awaitOutput(0, moved + " was replaced; restart the daemon to run the new version");
    unharmed.terminate();
    assertThat(unharmed.awaitExit(END)).as(unharmed.toString()).isZero();
  }
}
