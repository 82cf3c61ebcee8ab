package org.tlsuplift.server.it.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.lab.CommandLineRun;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.peer.Prometheus;

/** The admin port over TLS, asked by curl and scraped by Prometheus. */
class AdminIT {
  private static final String PASSWORD = "correct horse";

  @RegisterExtension static final Lab lab = new Lab();

  private static Daemon daemon;
  private static String token;

  @BeforeAll
  static void start() {
    String hash =
        Run.of(List.of(Peers.require("htpasswd"), "-nbBC", "5", "ops", PASSWORD))
            .succeeded()
            .output()
            .strip()
            .substring("ops:".length());
    List<String> made = CommandLineRun.of("admin", "token").succeeded().output().lines().toList();
    token = made.get(0).substring("token: ".length());
    daemon =
        Daemon.start(
            lab,
            """
            listeners:
              - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: modern}
            routes:
              - {to: ["localhost:1024-65535"], action: bridge}
            admin:
              bind: 127.0.0.1:0
              tls: auto
              serverNames: [uplift.example]
              users: [{name: ops, passwordHash: "%s"}]
              tokens: [{name: prometheus, %s}]
            """
                .formatted(hash, made.get(1)));
  }

  private static String status(String path, String... options) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Peers.require("curl"),
                "-sS",
                "--cacert",
                daemon.authority().toString(),
                "-o",
                "/dev/null",
                "-w",
                "%{http_code}",
                "https://" + Loopback.text(daemon.admin()) + path));
    command.addAll(Arrays.asList(options));
    return Run.of(command).succeeded().output();
  }

  @Test
  void answersSignedInUsersOverVerifiedTls() {
    assertThat(status("/healthz")).isEqualTo("200");
    assertThat(status("/metrics")).isEqualTo("401");
    assertThat(status("/metrics", "-u", "ops:" + PASSWORD)).isEqualTo("200");
    assertThat(status("/api/sessions", "-H", "Authorization: Bearer " + token)).isEqualTo("200");
    assertThat(status("/api/devices.csv", "--tlsv1.2", "--tls-max", "1.2", "-u", "ops:" + PASSWORD))
        .isEqualTo("200");
    assertThat(status("/healthz", "-H", "Host: evil.example")).isEqualTo("421");
    assertThat(status("/healthz", "-H", "Sec-Fetch-Site: cross-site")).isEqualTo("403");
  }

  @Test
  void isScrapedByPrometheusWithPasswordAndToken() {
    String scrape =
        """
        scrape_configs:
          - job_name: password
            scheme: https
            tls_config: {ca_file: "%1$s"}
            basic_auth: {username: ops, password: "%2$s"}
            static_configs: [{targets: ["%3$s"]}]
          - job_name: token
            scheme: https
            tls_config: {ca_file: "%1$s"}
            authorization: {credentials: "%4$s"}
            static_configs: [{targets: ["%3$s"]}]
        """
            .formatted(daemon.authority(), PASSWORD, Loopback.text(daemon.admin()), token);
    Prometheus prometheus = Prometheus.start(lab, scrape);

    prometheus.awaitAnswer("sum(up{job=\"password\"})", 1);
    prometheus.awaitAnswer("sum(up{job=\"token\"})", 1);
  }

  @Test
  void sendsHsts() {
    for (String path : List.of("/healthz", "/metrics", "/a|b")) {
      String url = "https://" + Loopback.text(daemon.admin()) + path;
      assertThat(Run.of(List.of(Peers.require("curl"), "-sSik", url)).succeeded().output())
          .as(path)
          .containsIgnoringCase("strict-transport-security: max-age=31536000");
    }
  }
}
