package org.tlsuplift.server.it.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Nginx;
import org.tlsuplift.server.it.peer.Site;

/** The started daemon writes down what a real curl of TLS 1.0 did. */
class AccessLogIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static Daemon daemon;
  private static Site site;
  private static Path file;

  @BeforeAll
  static void start() {
    TestCa ca = new TestCa(lab);
    site = Site.tls12(Loopback.V4, ca.issue("localhost"));
    Nginx.start(lab, site);
    file = lab.directory("log").resolve("access.log");
    daemon =
        Daemon.start(
            lab,
            """
            listeners:
              - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
            routes:
              - {to: ["localhost:%d"], action: bridge}
            upstream: {trust: "%s"}
            accessLog: {file: "%s"}
            """
                .formatted(site.port(), ca.file(), file));
  }

  @Test
  void writesTheOfferedAndAgreedTlsOfBothSides() throws IOException {
    int before = lines().size();
    curl("https://localhost:" + site.port() + "/", "1.0").succeeded();
    JsonNode line = next(before);
    assertThat(line.get("wayIn").textValue()).isEqualTo("http-connect");
    assertThat(line.get("device").textValue()).isEqualTo("127.0.0.1");
    assertThat(line.get("target").textValue()).isEqualTo("localhost:" + site.port());
    assertThat(line.get("action").textValue()).isEqualTo("bridge");
    assertThat(line.at("/offered/versions")).hasSize(1);
    assertThat(line.at("/offered/serverName").textValue()).isEqualTo("localhost");
    assertThat(line.at("/downstream/version").textValue()).isEqualTo("TLSv1");
    assertThat(line.at("/upstream/version").textValue()).isEqualTo("TLSv1.2");
    assertThat(line.get("bytesUp").longValue()).isPositive();
    assertThat(line.get("bytesDown").longValue()).isPositive();
  }

  @Test
  void writesWhyADeviceWasRefused() throws IOException {
    int before = lines().size();
    assertThat(curl("https://elsewhere.example/", "1.0").exit()).isNotZero();
    JsonNode line = next(before);
    assertThat(line.get("reason").textValue()).isEqualTo("no_route");
    assertThat(line.get("detail").textValue()).contains("no route allows elsewhere.example:443");
    assertThat(daemon.metrics().sum("tlsuplift_access_log_dropped_total")).isZero();
  }

  private static Run curl(String url, String version) {
    return Run.of(
        List.of(
            Peers.require("curl"),
            "-sSv",
            "--http1.1",
            "--max-time",
            "60",
            "--cacert",
            daemon.authority().toString(),
            "--tlsv1.0",
            "--tls-max",
            version,
            "--ciphers",
            "ALL:@SECLEVEL=0",
            "--noproxy",
            "",
            "--proxy",
            "http://" + Loopback.text(daemon.listener("web")),
            url));
  }

  private static JsonNode next(int before) throws IOException {
    await().atMost(Duration.ofSeconds(15)).until(() -> lines().size() > before);
    return new ObjectMapper().readTree(lines().get(before));
  }

  private static List<String> lines() throws IOException {
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }
}
