package org.tlsuplift.server.it.origin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.proxy.testing.Leftovers;
import org.tlsuplift.server.it.device.CurlDevice;
import org.tlsuplift.server.it.device.Device.Way;
import org.tlsuplift.server.it.device.OpensslDevice;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Metrics;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Conversations;
import org.tlsuplift.server.it.peer.JsseOrigin;

/** 64 MiB through a bridge with a TLS 1.0 device, in each direction and in both at once. */
class BulkTransferIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final int CHUNKS = 1024;
  private static final long SIZE = CHUNKS * 64L * 1024;
  private static final CurlDevice CURL = new CurlDevice("1.0", "AES128-SHA");

  private static JsseOrigin upload;
  private static JsseOrigin download;
  private static JsseOrigin echo;
  private static Daemon daemon;
  private static Path content;

  @BeforeAll
  static void start() throws IOException {
    TestCa ca = new TestCa(lab);
    Identity identity = ca.issue("localhost");
    upload = JsseOrigin.start(lab, identity, Conversations::digestOfUpload);
    download = JsseOrigin.start(lab, identity, Conversations.download(CHUNKS));
    echo = JsseOrigin.start(lab, identity, Conversations.echoOf(SIZE));
    content = lab.directory("content").resolve("64MiB");
    try (OutputStream out = Files.newOutputStream(content)) {
      Conversations.write(out, CHUNKS);
    }
    daemon =
        Daemon.start(
            lab,
            """
            listeners:
              - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
            routes:
              - {to: ["localhost:1024-65535"], action: bridge}
            upstream: {trust: "%s"}
            """
                .formatted(ca.file()));
  }

  @Test
  void uploads() throws IOException {
    Metrics before = daemon.metrics();
    Run run =
        CURL.attempt(
                Way.connect(daemon, "web", upload.byName()), "-T", content.toString(), "-HExpect:")
            .succeeded();
    assertThat(run.output()).contains(digest(content));
    daemon.awaitIncrease(before, 1, "tlsuplift_legacy_handshakes_total");
    assertThat(bytes("up") - bytes(before, "up")).isBetween(SIZE, SIZE + 1024);
  }

  @Test
  void downloads() throws IOException {
    Metrics before = daemon.metrics();
    Path received = lab.directory("received").resolve("content");
    CURL.attempt(Way.connect(daemon, "web", download.byName()), "-o", received.toString())
        .succeeded();
    assertThat(received).hasSize(SIZE);
    assertThat(digest(received)).isEqualTo(digest(content));
    daemon.awaitIncrease(before, 1, "tlsuplift_sessions_total");
    assertThat(bytes("down") - bytes(before, "down")).isBetween(SIZE, SIZE + 1024);
  }

  @Test
  void transfersBothWaysAtOnce() throws IOException {
    Way way = Way.connect(daemon, "web", echo.byName());
    List<String> command = new ArrayList<>(new OpensslDevice("-tls1", "AES128-SHA").command(way));
    command.add("-quiet");
    Path received = lab.directory("received").resolve("content");
    Process device =
        Leftovers.start(
            new ProcessBuilder(command)
                .redirectInput(content.toFile())
                .redirectOutput(received.toFile())
                .redirectError(lab.directory("log").resolve("errors").toFile()));
    try (Child ended = lab.add(Child.of(device, command))) {
      assertThat(ended.awaitExit()).isZero();
    }
    assertThat(received).hasSize(SIZE);
    assertThat(digest(received)).isEqualTo(digest(content));
  }

  private static long bytes(String direction) {
    return bytes(daemon.metrics(), direction);
  }

  private static long bytes(Metrics metrics, String direction) {
    return metrics.sum("tlsuplift_bytes_total", "direction", direction);
  }

  private static String digest(Path file) throws IOException {
    MessageDigest digest = Conversations.sha256();
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
