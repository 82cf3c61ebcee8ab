package org.tlsuplift.server.it.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.proxy.testing.Peer;
import org.tlsuplift.server.inventory.DeviceFilter;
import org.tlsuplift.server.inventory.jdbc.Fleet;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Machine;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;

/** A data directory without room or that cannot be written to is named, and used when it can. */
class DiskFaultsIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final String CONFIG =
      """
      listeners:
        - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
      certificateAuthority: {keyAlgorithm: EC-P256}
      inventory: {flushInterval: 200ms}
      limits: {drainTimeout: 0s}
      """;
  private static final int DEVICES = 30;
  private static final Pattern READY = Pattern.compile("(?m)\\bready *$");

  /** A data directory with a CA and without an inventory. */
  private static Path prepared;

  @BeforeAll
  static void prepareData() throws IOException {
    Peers.requireMounts();
    Path folder = lab.directory("first");
    Child first = lab.add(Daemon.run(folder, CONFIG));
    first.awaitOutput(READY);
    first.close();
    prepared = Daemon.data(folder);
    Files.deleteIfExists(prepared.resolve("inventory.db"));
  }

  /** A directory whose data directory is a copy of the prepared one. */
  private static Path folderWithData() {
    Path folder = lab.directory("daemon");
    Run.of(List.of("cp", "-a", prepared.toString(), Daemon.data(folder).toString())).succeeded();
    return folder;
  }

  /** A machine whose file systems are its own. */
  private static Machine mounting(Path directory, String mount) {
    return Machine.starting(
        Peers.require("unshare"),
        "--mount",
        "sh",
        "-c",
        mount + " && exec \"$@\"",
        directory.toString());
  }

  /** Starts a daemon whose data directory has only so much room. */
  private static Child run(Path folder, String size) throws IOException {
    Path data = Files.createDirectory(Daemon.data(folder));
    String mount = "mount -t tmpfs -o size=" + size + " none \"$0\"";
    return lab.add(Daemon.run(mounting(data, mount), folder, CONFIG));
  }

  private static void remount(Child daemon, Path folder, String options) {
    Machine.remount(daemon.pid(), Daemon.data(folder), options);
  }

  @Test
  void aFullDiskIsNamedAtTheFirstStart() throws IOException {
    Child daemon = run(lab.directory("daemon"), "4k");
    assertThat(daemon.awaitExit()).as(daemon.toString()).isEqualTo(1);
    assertThat(daemon.output())
        .contains("no space left on the disk of dataDirectory '", "free some space")
        .doesNotContain("\tat ");
  }

  @Test
  void aDiskWithoutRoomForTheInventoryIsNamedAndUsedWhenThereIsRoom() throws IOException {
    Path folder = lab.directory("daemon");
    Child daemon = run(folder, "60k");
    daemon.awaitOutput(Pattern.compile("inventory.db cannot be written: no space left on the"));
    daemon.awaitOutput(READY);
    remount(daemon, folder, "size=10m");
    daemon.awaitOutput(Pattern.compile("inventory.db is reachable again"));
    assertThat(daemon.output())
        .doesNotContain("\tat ")
        .doesNotContain("Connection is closed")
        .doesNotContain("ERROR");
    daemon.close();
  }

  /**
   * The devices of a killed daemon are in the write-ahead log. Pages are requested while the disk
   * is full, and each attempt of the start fails.
   */
  @Test
  void aFullDiskDuringTheStartLosesNoDevice() throws Exception {
    Path folder = folderWithData();
    Path inventory = Daemon.data(folder).resolve("inventory.db");
    Path running = lab.directory("running").resolve("inventory.db");
    try (Fleet fleet = Fleet.create(running, DEVICES, Instant.now())) {
      assertThat(fleet.inventory().verdicts(DeviceFilter.ALL)).isNotEmpty();
      for (String suffix : List.of("", "-wal")) {
        Files.copy(Path.of(running + suffix), Path.of(inventory + suffix));
      }
    }
    // The room that is left is too small for the shared memory.
    String mount =
        "cp -a \"$0\" \"$0.copy\" && mount -t tmpfs -o size=8m none \"$0\" && cp -a \"$0.copy/.\" \"$0\""
            + " && { dd if=/dev/zero of=\"$0/filler\" bs=4k 2>/dev/null; truncate -s -8K \"$0/filler\"; }";
    Child daemon = lab.add(Daemon.run(mounting(Daemon.data(folder), mount), folder, CONFIG));
    daemon.awaitOutput(Pattern.compile("inventory.db cannot be written: no space left on the"));
    daemon.awaitOutput(READY);
    URI devices =
        URI.create(
            daemon.awaitOutput(Pattern.compile("admin: (http://127\\.0\\.0\\.1:\\d+/)")).group(1)
                + "api/devices");
    assertThat(get(devices).statusCode()).isEqualTo(503);
    assertThat(get(devices).statusCode()).isEqualTo(503);
    remount(daemon, folder, "size=16m");
    daemon.awaitOutput(Pattern.compile("inventory.db is reachable again"));
    assertThat(new ObjectMapper().readTree(get(devices).body()).findValues("address"))
        .hasSizeGreaterThanOrEqualTo(DEVICES);
    daemon.close();
  }

  /** With such blocks, a full disk ends a process that uses SQLite. */
  @Test
  void spoolOnAFileSystemWithSmallBlocksRefusesNewMail() throws Exception {
    Path folder = lab.directory("daemon");
    Path data = Files.createDirectory(Daemon.data(folder));
    String spool =
        CONFIG.replace(
            "certificateAuthority:",
            """
              - {name: scan, bind: "127.0.0.1:0", accept: fixed, origin: "smtp.office365.com:587", protocol: smtp,
                 downstreamTls: optional, allowPlaintext: true, serverNames: [localhost], profile: legacy,
                 mail: {spool: {when: always}}}
            certificateAuthority:""");
    String mount =
        "truncate -s 64M \"$0.img\" && mkfs.ext4 -q -b 1024 \"$0.img\" && mount -o loop \"$0.img\" \"$0\" && chmod 700 \"$0\"";
    Peer.requireUse(
        "the right to mount a loop device",
        "run the tests as root, outside a container",
        Peers.require("unshare"),
        "--mount",
        "sh",
        "-ec",
        mount,
        lab.directory("probe").toString());
    Machine machine = mounting(data, mount);

    Child daemon = lab.add(Daemon.run(machine, folder, spool));
    daemon.awaitOutput(READY);

    assertThat(daemon.output())
        .contains("refuses new mail, and delivers what waits", "blocks of 1024 bytes");
    URI ready =
        URI.create(
            daemon.awaitOutput(Pattern.compile("admin: (http://127\\.0\\.0\\.1:\\d+/)")).group(1)
                + "readyz");
    await()
        .untilAsserted(
            () ->
                assertThat(get(ready).body())
                    .startsWith(
                        "ready; the spool refuses new mail, and devices get 452: the file system"));
    int port =
        Integer.parseInt(
            daemon
                .awaitOutput(Pattern.compile("listener scan: .* on 127\\.0\\.0\\.1:(\\d+)"))
                .group(1));
    assertThat(replyToMail(port)).startsWith("452 4.3.1 TLS Uplift keeps no mail on its disk");
    for (String command : List.of("check", "doctor")) {
      List<String> inside =
          new ArrayList<>(
              List.of(
                  Peers.require("nsenter"), "--mount", "--target", String.valueOf(daemon.pid())));
      inside.addAll(Daemon.jar(command, "--config", Daemon.config(folder).toString()));
      Run run = Run.of(inside);
      assertThat(run.exit()).as(run.toString()).isNotZero();
      assertThat(run.toString()).contains("blocks of 1024 bytes");
    }
    daemon.close();
  }

  /** Sends a message, and returns the last reply. */
  private static String replyToMail(int port) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      BufferedReader replies =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      String reply = replies.readLine();
      for (String line :
          List.of("HELO x", "MAIL FROM:<a@b.example>", "RCPT TO:<a@b.example>", "DATA", "x\r\n.")) {
        socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
        reply = replies.readLine();
      }
      return reply;
    }
  }

  private static HttpResponse<String> get(URI uri) throws Exception {
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void aReadOnlyDirectoryIsUsedWhenItCanBeWrittenTo() {
    Path folder = folderWithData();
    Path inventory = Daemon.data(folder).resolve("inventory.db");

    String mount = "mount --bind \"$0\" \"$0\" && mount -o remount,bind,ro \"$0\"";
    Child daemon = lab.add(Daemon.run(mounting(Daemon.data(folder), mount), folder, CONFIG));
    daemon.awaitOutput(Pattern.compile("inventory.db cannot be written: .*Read-only"));
    daemon.awaitOutput(READY);
    remount(daemon, folder, "bind,rw");
    daemon.awaitOutput(Pattern.compile("inventory.db is reachable again"));
    assertThat(inventory).isNotEmptyFile();
    daemon.close();
  }
}
