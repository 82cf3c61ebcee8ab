package org.tlsuplift.server.it.operation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.device.CurlDevice;
import org.tlsuplift.server.it.device.Device.Way;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Machine;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Nginx;
import org.tlsuplift.server.it.peer.Site;

/**
 * The data directory of an early version, with four devices, an inventory and two CAs: see
 * 'tls-uplift manual compatibility'. It was made by a build of commit 6834c13.
 */
class UpgradeIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final List<String> KEPT =
      List.of(
          "ca/ca.crt.pem", "ca/ca.key.pem", "listeners/old/ca.crt.pem", "listeners/old/ca.key.pem");

  private static final Map<String, String> before = new HashMap<>();
  private static Daemon daemon;
  private static Site origin;

  @BeforeAll
  static void upgrade() throws Exception {
    Path folder = lab.directory("daemon");
    Path archive = folder.resolve("old.tar.gz");
    try (InputStream content = UpgradeIT.class.getResourceAsStream("data-6834c13.tar.gz")) {
      Files.copy(Objects.requireNonNull(content), archive);
    }
    Run.of(
            List.of(
                Peers.require("tar"),
                "--extract",
                "--preserve-permissions",
                "--no-same-owner",
                "--file",
                archive.toString(),
                "--directory",
                folder.toString()))
        .succeeded();
    for (String each : KEPT) {
      before.put(each, Files.readString(Daemon.data(folder).resolve(each)));
    }
    TestCa ca = new TestCa(lab);
    origin = Site.tls12(Loopback.V4, ca.issue("localhost"));
    Nginx.start(lab, origin);
    daemon =
        Daemon.start(
            lab,
            Machine.HERE,
            folder,
            """
            devices:
              names: {127.0.0.2: printer-2nd-floor, 127.0.0.3: scanner}
              reverseDns: false
            listeners:
              - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
              - name: old
                bind: 127.0.0.1:0
                accept: http-connect
                profile: antique
                devices: [127.0.0.0/8]
                until: 2035-06-30
                certificate: {keyAlgorithm: RSA-1024, signature: SHA1, names: one, extensions: minimal}
            routes:
              - {to: ["localhost:1024-65535"], action: bridge}
            upstream: {trust: "%s"}
            certificateAuthority: {keyAlgorithm: EC-P256}
            inventory: {keep: 3650d, flushInterval: 1s}
            """
                .formatted(ca.file()));
  }

  private static JsonNode api(String path) throws Exception {
    HttpResponse<String> response =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + daemon.admin().getPort() + path))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return new ObjectMapper().readTree(response.body());
  }

  @Test
  void keepsTheDevicesWithTheirCounts() throws Exception {
    List<String> kept =
        StreamSupport.stream(api("/api/devices").spliterator(), false)
            .filter(device -> !device.get("address").textValue().equals("127.0.0.1"))
            .map(
                device ->
                    Stream.of(
                            "address",
                            "name",
                            "firstSeen",
                            "sessions",
                            "legacyHandshakes",
                            "modernHandshakes",
                            "failures",
                            "bytesUp",
                            "bytesDown",
                            "worstVersion",
                            "trustsCa")
                        .map(field -> device.path(field).asText("-"))
                        .collect(Collectors.joining(" ")))
            .toList();
    assertThat(kept)
        .containsExactlyInAnyOrder(
            "127.0.0.2 printer-2nd-floor 2026-11-27T17:30:55.798Z 3 3 0 0 237 12334 TLSv1 yes",
            "127.0.0.3 scanner 2026-11-27T17:30:56.087Z 3 2 0 1 158 8046 TLSv1.1 yes",
            "127.0.0.4 - 2026-11-27T17:30:56.252Z 1 0 1 0 749 6394 TLSv1.2 unknown",
            "127.0.0.5 - 2026-11-27T17:30:56.331Z 1 1 0 0 79 4023 TLSv1 yes");
    assertThat(api("/api/devices/127.0.0.3").path("days")).hasSize(1);
    assertThat(api("/api/messages")).isEmpty();
  }

  @Test
  void keepsTheCas() throws Exception {
    for (String each : KEPT) {
      assertThat(Files.readString(Daemon.data(daemon.folder()).resolve(each)))
          .as(each)
          .isEqualTo(before.get(each));
    }
    Run run = new CurlDevice("1.0", "ALL").visit(Way.connect(daemon, "web", origin.byName())).run();
    assertThat(run.output()).contains(origin.answer("localhost"));
  }
}
