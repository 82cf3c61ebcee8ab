package org.tlsuplift.server.it.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.CommandLineRun;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Namespace;
import org.tlsuplift.server.it.lab.Peers;

/** The admin port of a network, and hosts there that never sign in but would take it. */
class AdminFloodIT {
  @RegisterExtension static final Lab lab = new Lab();

  /** Four hosts, more connections than there are places, and half a request on each. */
  private static final String HALF_REQUESTS =
      """
      import socket, sys, time
      def half(host):
          s = socket.create_connection(("10.77.0.1", int(sys.argv[1])), 5, (host, 0))
          s.sendall(bytes.fromhex("1603010200010001fc0303"))
          return s
      held = [half("10.77.0.%d" % (2 + i % 4)) for i in range(160)]
      print("held", flush=True)
      time.sleep(60)
      """;

  /** What is not TLS, and controls terminals. */
  private static final String HOSTILE_BYTES =
      """
      import socket, sys
      for text in (b"GET /\\x1b[31m|\\x00 HTTP/1.1\\r\\n\\r\\n", b"\\x1b]0;title\\x07\\r\\n\\r\\n"):
          s = socket.create_connection(("10.77.0.1", int(sys.argv[1])), 5, ("10.77.0.7", 0))
          s.settimeout(5)
          s.sendall(text * 20)
          try:
              while s.recv(4096): pass
          except OSError:
              pass
      """;

  private static Namespace network;
  private static Child daemon;
  private static String port;

  @BeforeAll
  static void start() {
    network = Namespace.create(lab, "uplift-admin");
    for (int host = 1; host <= 8; host++) {
      network.ip("address", "add", "10.77.0." + host + "/32", "dev", "lo");
    }
    List<String> token = CommandLineRun.of("admin", "token").succeeded().output().lines().toList();
    Path folder = lab.directory("daemon");
    daemon =
        lab.add(
            Daemon.run(
                network,
                folder,
                """
                listeners:
                  - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: modern}
                routes:
                  - {to: ["localhost:1024-65535"], action: bridge}
                admin:
                  bind: 10.77.0.1:0
                  tls: auto
                  tokens: [{name: prometheus, %s}]
                """
                    .formatted(token.get(1))));
    daemon.awaitOutput(Pattern.compile("(?m)\\bready *$"));
    port = daemon.awaitOutput(Pattern.compile("admin: https://10\\.77\\.0\\.1:(\\d+)/")).group(1);
  }

  @Test
  void halfSentRequestsDoNotKeepAProbeFromItsAnswer() {
    Child hosts = lab.add(python(HALF_REQUESTS));
    hosts.awaitOutput(Pattern.compile("held"));

    assertThat(health("10.77.0.6")).as("another host").isEqualTo("200");
    assertThat(health("10.77.0.2")).as("one of them").isEqualTo("200");
    // What is not complete within 5 s is closed.
    await()
        .atMost(Duration.ofSeconds(15))
        .untilAsserted(
            () ->
                assertThat(
                        network
                            .run("ss", "-Htn", "state", "established", "sport", "= :" + port)
                            .output())
                    .isBlank());
    hosts.close();
  }

  @Test
  void hostileBytesReachNoLine() {
    python(HOSTILE_BYTES).awaitExit();

    assertThat(health("10.77.0.7")).isEqualTo("200");
    assertThat(
            network
                .run(
                    "curl", "-sk", "--interface", "10.77.0.7", "https://10.77.0.1:" + port + "/a|b")
                .output())
        .contains("percent-encoded");
    daemon.awaitOutput(Pattern.compile("a request at the admin port was refused"));
    assertThat(daemon.output().chars().filter(each -> each < ' ' && each != '\n')).isEmpty();
    assertThat(daemon.output()).doesNotContain("title").doesNotContain("Exception");
  }

  private static Child python(String program) {
    List<String> command = new ArrayList<>(List.of(Peers.require("python3"), "-c", program, port));
    return Child.start(new ProcessBuilder(network.command(command)));
  }

  private static String health(String from) {
    return network
        .run(
            "curl",
            "-sk",
            "--max-time",
            "3",
            "--interface",
            from,
            "-o",
            "/dev/null",
            "-w",
            "%{http_code}",
            "https://10.77.0.1:" + port + "/healthz")
        .output();
  }
}
