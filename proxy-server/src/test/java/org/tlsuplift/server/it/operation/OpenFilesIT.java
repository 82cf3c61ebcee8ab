package org.tlsuplift.server.it.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.server.it.device.RawDevice;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Machine;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;

/** A limit of open files that is too low is named, and what fails for it works again afterwards. */
class OpenFilesIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final int PLENTY = 4096;

  /** Fewer than are open already. */
  private static final int NONE = 10;

  private static final String REFUSED =
      "listener web: cannot accept connections: this process has too many open files; raise";

  private static final Pattern ADDRESS = Pattern.compile("listener web: .*:(\\d+), profile");

  private static String config(String transport) {
    return """
        listeners:
          - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
        limits: {maxSessions: 1000, drainTimeout: 0s}
        transport: %s
        """
        .formatted(transport);
  }

  /** A machine on which a process may have so many files open. */
  private static Machine limitedTo(int soft, int hard) {
    return Machine.starting(Peers.require("prlimit"), "--nofile=" + soft + ":" + hard);
  }

  private static String limit(long files) {
    return "--nofile=" + files + ":" + PLENTY;
  }

  @Test
  void aLimitWithoutRoomForASessionIsRefused() {
    Child daemon = lab.add(Daemon.run(limitedTo(60, 60), lab.directory("daemon"), config("nio")));
    assertThat(daemon.awaitExit()).isEqualTo(1);
    assertThat(daemon.output())
        .contains("this process may open only 60 files", "LimitNOFILE=", "ulimit -n")
        .doesNotContain("\tat ");
  }

  /** With the limit that most shells have. */
  @Test
  void theDemoNeedsFewFiles() {
    List<String> demo = limitedTo(1024, 1024).command(Daemon.jar("demo"));
    assertThat(Run.of(demo).succeeded().output()).doesNotContain("WARN", "open only");
  }

  @Test
  void aLimitBelowTheSessionsIsNamed() {
    Child daemon = lab.add(Daemon.run(limitedTo(500, 500), lab.directory("daemon"), config("nio")));
    daemon.awaitOutput(Pattern.compile("(?m)\\bready *$"));
    assertThat(daemon.output())
        .containsPattern("only 500 files, but limits.maxSessions 1000 needs 20\\d\\d;")
        .containsPattern("Until then, at most 2\\d\\d sessions are accepted");
    daemon.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"epoll", "nio", "io_uring"})
  void acceptsAgainWhenFilesAreClosed(String transport) throws Exception {
    Peers.requireTransport(transport);
    Child daemon =
        lab.add(Daemon.run(limitedTo(PLENTY, PLENTY), lab.directory("daemon"), config(transport)));
    int port = Integer.parseInt(daemon.awaitOutput(ADDRESS).group(1));
    daemon.awaitOutput(Pattern.compile("(?m)\\bready *$"));
    InetSocketAddress web = new InetSocketAddress(Loopback.V4, port);
    assertThat(answers(web)).isTrue();

    limit(daemon, NONE);
    // io_uring knows the limit of when it began to wait for a connection: the first gets in.
    Deque<RawDevice> waiting = new ArrayDeque<>();
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              waiting.addLast(lab.add(RawDevice.to(web)));
              return daemon.output().contains(REFUSED);
            });
    limit(daemon, PLENTY);
    waiting.getLast().send("GET / HTTP/1.1\r\n\r\n");
    assertThat(waiting.getLast().readText()).startsWith("HTTP/1.1 400 ");
    await().atMost(Duration.ofSeconds(10)).until(() -> answers(web));
    assertThat(daemon.output()).doesNotContain("tail of the pipeline");
    assertThat(daemon.output().split("cannot accept connections", -1)).hasSize(2);
    daemon.close();
  }

  private static boolean answers(InetSocketAddress web) throws Exception {
    try (RawDevice device = RawDevice.to(web)) {
      device.send("GET / HTTP/1.1\r\n\r\n");
      return device.readText().startsWith("HTTP/1.1 400 ");
    }
  }

  private static void limit(Child daemon, long files) {
    Run.of(List.of(Peers.require("prlimit"), "--pid", "" + daemon.pid(), limit(files))).succeeded();
  }
}
