package org.tlsuplift.server.it.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.proxy.model.Digests;
import org.tlsuplift.server.it.device.RawDevice;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Machine;
import org.tlsuplift.server.signin.PasswordHash;

/** The access log on a disk that is really full, and has room again later. */
class FullDiskIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final int KILOBYTES = 16;

  @Test
  void countsTheLinesThatAreLostAndKeepsTheOthersWhole() throws IOException {
    Path disk = lab.directory("disk");
    Daemon daemon =
        Daemon.start(
            lab,
            Machine.withDisk(disk, "size=" + KILOBYTES + "k,nr_inodes=16"),
            """
            listeners:
              - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
            routes:
              - {to: ["localhost:1"], action: bridge}
            accessLog: {file: "%s/access.log"}
            """
                .formatted(disk));
    Path seen = Path.of("/proc/" + daemon.pid() + "/root" + disk);
    Path filler = Files.write(seen.resolve("filler"), new byte[(KILOBYTES - 8) << 10]);

    int sessions = 0;
    while (lost(daemon) < 20) {
      refused(daemon);
      sessions++;
      assertThat(sessions).isLessThan(2_000);
    }
    Files.delete(filler);
    for (int i = 0; i < 5; i++) {
      refused(daemon);
      sessions++;
    }
    int all = sessions;
    await()
        .atMost(Duration.ofSeconds(15))
        .untilAsserted(() -> assertThat(whole(seen).size() + lost(daemon)).isEqualTo(all));

    List<String> lines = Files.readAllLines(seen.resolve("access.log"));
    assertThat(lines.size() - whole(seen).size()).as("%s", lines).isLessThanOrEqualTo(1);
    assertThat(lines.subList(lines.size() - 5, lines.size())).allMatch(FullDiskIT::isWhole);
    daemon.awaitOutput(0, "access log: lines are lost");
    assertThat(daemon.output()).doesNotContain("\tat ");
  }

  @Test
  void changesNothingWhileTheAuditLogHasNoRoom() throws Exception {
    String token = "tlsuplift_" + "deploy";
    Path folder = lab.directory("audited");
    Daemon daemon =
        Daemon.start(
            lab,
            Machine.withDisk(Files.createDirectory(Daemon.data(folder)), "size=8m,nr_inodes=1000"),
            folder,
            """
            listeners:
              - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
            routes: [{to: ["localhost:1"], action: bridge}]
            inventory: {enabled: false}
            accessLog: {file: "%s/access.log"}
            admin:
              bind: "127.0.0.1:0"
              users: [{name: boss, role: administrator, passwordHash: '%s'}]
              tokens: [{name: deploy, role: administrator, sha256: %s}]
            """
                .formatted(
                    folder,
                    PasswordHash.of("any".toCharArray()).encoded(),
                    HexFormat.of()
                        .formatHex(
                            Digests.sha256().digest(token.getBytes(StandardCharsets.US_ASCII)))));
    Path disk = Path.of("/proc/" + daemon.pid() + "/root" + Daemon.data(folder));
    assertThat(reload(daemon, token)).as("there is room").isEqualTo(200);
    await().until(() -> Files.readString(folder.resolve("access.log")).contains(RELOADED));
    Path filler = disk.resolve("filler");
    try (OutputStream all = Files.newOutputStream(filler)) {
      while (true) {
        all.write(new byte[1024]);
      }
    } catch (IOException full) {
      assertThat(full).hasMessageContaining("No space left");
    }
    int mark = daemon.mark();
    assertThat(reload(daemon, token)).isEqualTo(503);
    assertThat(daemon.output().substring(mark))
        .contains("the audit log cannot be written")
        .doesNotContain("configuration reloaded");
    Files.delete(filler);
    assertThat(reload(daemon, token)).isEqualTo(200);
  }

  private static final String RELOADED = "\"action\":\"configuration.reload\"";

  private static int reload(Daemon daemon, String token) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(
                    URI.create(
                        "http://" + Loopback.text(daemon.admin()) + "/api/configuration/reload"))
                .header("Authorization", "Bearer " + token)
                .POST(HttpRequest.BodyPublishers.noBody())
                .build(),
            HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  private static long lost(Daemon daemon) {
    return daemon.metrics().sum("tlsuplift_access_log_dropped_total");
  }

  private static void refused(Daemon daemon) throws IOException {
    try (RawDevice device = RawDevice.to(daemon.listener("web"))) {
      device.send("CONNECT elsewhere.example:443 HTTP/1.1\r\n\r\n");
      device.readAll();
    }
  }

  private static List<String> whole(Path disk) throws IOException {
    return Files.readAllLines(disk.resolve("access.log")).stream()
        .filter(FullDiskIT::isWhole)
        .toList();
  }

  private static boolean isWhole(String line) {
    try {
      JsonNode session = new ObjectMapper().readTree(line);
      return session.has("session") && session.has("bytesDown");
    } catch (IOException half) {
      return false;
    }
  }
}
