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
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
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
  private static final Duration END = Duration.ofSeconds(2 + 5 + 1);

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** The watch of the jar waits for its next look: it has loaded what it loads before. */
  private static final Pattern LOADED =
      Pattern.compile("\"uplift-jar.*\\R.*Thread\\.State: TIMED_WAITING");

  private final TestCa ca = new TestCa(lab);
  private final Path jar = lab.directory("program").resolve("tls-uplift.jar");

  /** A machine with a copy of the jar. */
  private Machine withCopy() throws IOException {
    Files.copy(Daemon.jar(), jar);
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

  private Daemon start(String transport) throws IOException {
    return Daemon.start(
        lab,
        withCopy(),
        """
        listeners:
          - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
        routes:
          - {to: ["localhost:1024-65535"], action: bridge}
        upstream: {trust: "%s"}
        limits: {drainTimeout: 2s}
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
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(SQLException.class)
        .until(
            () -> {
              try (Connection file = DriverManager.getConnection(inventory);
                  Statement statement = file.createStatement();
                  ResultSet rows = statement.executeQuery("SELECT 1 FROM inventory_writer")) {
                return rows.next();
              }
            });
    await().atMost(PATIENCE).until(() -> LOADED.matcher(daemon.jcmd("Thread.print")).find());
  }

  @ParameterizedTest
  @ValueSource(strings = {"epoll", "io_uring"})
  void stopsInOrderThoughItsJarWasOverwritten(String transport) throws IOException {
    Peers.requireTransport(transport);
    JsseOrigin origin = JsseOrigin.start(lab, ca.issue("localhost"), Conversations::echo);
    Daemon daemon = start(transport);
    Companion companion = Companion.open(lab, Way.connect(daemon, "web", origin.byName()));
    awaitClasses(daemon);

    int mark = daemon.mark();
    Files.write(jar, new byte[1000]);
    daemon.awaitOutput(mark, jar + " was overwritten while the daemon runs");
    daemon.awaitOutput(mark, "restart the daemon now");
    companion.assertAlive();
    daemon.terminate();

    assertThat(daemon.awaitExit(END)).as(daemon.toString()).isZero();
    assertThat(daemon.output())
        .contains("stopped; interrupted sessions: 1")
        .doesNotContain("is lost", "closing failed", "NoClassDefFoundError");
    daemon.awaitSessionLine(mark, "reason", "shutdown", "target", origin.byName());
    // What had not been written yet was written at the end, which takes a class or two.
    assertThat(
            CommandLineRun.of(
                    "devices", "--config", Daemon.config(daemon.folder()).toString(), "127.0.0.1")
                .succeeded()
                .output())
        .contains("1 session, 0 failed");
  }

  @Test
  void aJarThatWasMovedIntoPlaceDoesNoHarm() throws IOException {
    Daemon daemon = start("auto");
    int mark = daemon.mark();
    Path young = Files.copy(jar, jar.resolveSibling("young.jar"));
    Files.move(young, jar, StandardCopyOption.REPLACE_EXISTING);
    daemon.awaitOutput(mark, jar + " was replaced; restart the daemon to run the new version");
    daemon.terminate();
    assertThat(daemon.awaitExit(END)).as(daemon.toString()).isZero();
  }
}
