package org.tlsuplift.proxy.ca;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real processes on one directory, under umasks that a test's own JVM cannot have. */
final class CaStoreProcessesTest {
  private static final String FINGERPRINT = "([0-9A-F]{2}:){31}[0-9A-F]{2}";

  @TempDir Path temp;

  @ParameterizedTest
  @ValueSource(strings = {"000", "577"})
  void modesDoNotDependOnTheUmask(String umask) throws Exception {
    Path directory = temp.resolve("ca");
    assertThat(output(start(umask, directory))).matches(FINGERPRINT);
    assertThat(mode(directory)).isEqualTo("rwx------");
    for (String file : List.of("ca.key.pem", "ca.crt.pem", "ca.lock")) {
      assertThat(mode(directory.resolve(file))).as(file).isEqualTo("rw-------");
    }
  }

  @Test
  void processesThatStartAtOnceAgreeOnOneCa() throws Exception {
    Path directory = temp.resolve("ca");
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      processes.add(start("022", directory));
    }
    Set<String> fingerprints = new HashSet<>();
    for (Process each : processes) {
      fingerprints.add(output(each));
    }
    assertThat(fingerprints).hasSize(1).allMatch(each -> each.matches(FINGERPRINT));
    assertThat(fingerprints.iterator().next())
        .isEqualTo(CaExport.sha256(new CaStore(directory).load().certificate()));
  }

  private static Process start(String umask, Path directory) throws IOException {
    return new ProcessBuilder(
            "sh",
            "-c",
            "umask " + umask + "; exec \"$@\"",
            "sh",
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            StoreOpener.class.getName(),
            directory.toString())
        .redirectErrorStream(true)
        .start();
  }

  private static String output(Process process) throws Exception {
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(text).isZero();
    // Without a log configuration, Netty is talkative before.
    return text.strip().lines().reduce("", (before, line) -> line);
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
