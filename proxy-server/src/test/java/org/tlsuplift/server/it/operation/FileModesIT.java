package org.tlsuplift.server.it.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Run;

/** Under a umask that gives everything to everybody, what is written is for few all the same. */
class FileModesIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final Pattern PORT = Pattern.compile("listener web: .* on 127\\.0\\.0\\.1:(\\d+)");

  private static Path folder;

  @BeforeAll
  static void runEverythingThatWrites() throws IOException {
    folder = lab.directory("open");
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    Lab.write(
        Daemon.config(folder),
        """
        dataDirectory: "%1$s/data"
        listeners:
          - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
          - {name: alarms, bind: "127.0.0.1:0", accept: http-connect, profile: antique,
             devices: [127.0.0.0/8], until: 2100-01-01,
             certificate: {keyAlgorithm: RSA-2048, extensions: minimal}}
        routes:
          - {to: ["localhost:1024-65535"], action: bridge}
        admin: {bind: "127.0.0.1:0"}
        accessLog: {file: "%1$s/log/access.log"}
        """
            .formatted(folder));
    Child daemon = lab.add(Child.start(new ProcessBuilder(command(temporary, "run"))));
    Matcher listener = daemon.awaitOutput(PORT);
    daemon.awaitOutput(Pattern.compile("(?m)\\bready *$"));
    try (Socket device = new Socket(Loopback.V4, Integer.parseInt(listener.group(1)))) {
      device
          .getOutputStream()
          .write(
              "CONNECT nowhere.example:443 HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(device.getInputStream().read()).isPositive();
    }
    await().until(() -> Files.size(folder.resolve("log/access.log")) > 0);
    await().until(() -> files().anyMatch(file -> file.toString().endsWith("-wal")));
    for (String[] program :
        new String[][] {
          {"ca", "export", "--to", folder.resolve("export").toString()},
          {"ca", "stage"},
          {"ca", "activate"},
          {"ca", "retire"},
          {"ca", "stage", "--listener", "alarms"},
        }) {
      Run.of(command(temporary, program)).succeeded();
    }
  }

  private static List<String> command(Path temporary, String... arguments) {
    List<String> command = new ArrayList<>(List.of("sh", "-c", "umask 000; exec \"$@\"", "sh"));
    command.addAll(Daemon.jar(arguments));
    command.addAll(List.of("--config", Daemon.config(folder).toString()));
    command.add(command.indexOf("-jar"), "-Djava.io.tmpdir=" + temporary);
    return command;
  }

  private static Stream<Path> files() {
    try (Stream<Path> all = Files.walk(folder)) {
      return all
          .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
          .filter(file -> !file.equals(Daemon.config(folder)))
          // By this the SQLite driver finds its library again; it is empty.
          .filter(file -> !file.toString().endsWith(".so.lck"))
          .toList()
          .stream();
    } catch (IOException | UncheckedIOException changing) {
      return Stream.empty();
    }
  }

  @Test
  void onlyItsOwnerWritesToADirectory() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      assertThat(all.filter(Files::isDirectory).filter(each -> !each.equals(folder)))
          .hasSizeGreaterThan(2)
          .allSatisfy(
              each -> assertThat(mode(each)).as(each.toString()).matches("rwx[r-]-[x-][r-]-[x-]"));
    }
  }

  private static String mode(Path file) {
    try {
      return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  @Test
  void certificatesAreForAllToReadAndNothingElseIs() {
    assertThat(files())
        .hasSizeGreaterThan(10)
        .allSatisfy(
            file ->
                assertThat(mode(file))
                    .as(file.toString())
                    .isIn(
                        file.startsWith(folder.resolve("export"))
                            ? List.of("rw-r--r--")
                            : List.of("rw-------", "rw-r-----", "rwx------")));
  }
}
