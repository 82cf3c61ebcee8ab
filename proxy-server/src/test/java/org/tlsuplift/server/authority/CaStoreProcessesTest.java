package org.tlsuplift.server.authority;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.tls.chain.Fingerprint;

/** Real processes with one directory, and with umasks that the test's own JVM cannot have. */
final class CaStoreProcessesTest {
  @TempDir Path temp;

  @ParameterizedTest
  @ValueSource(strings = {"000", "577"})
  void modesDoNotDependOnTheUmask(String umask) throws Exception {
    List<Path> directories = directories();
    assertThat(finish(List.of(start(umask, directories))))
        .singleElement(InstanceOfAssertFactories.STRING)
        .matches("[0-9A-F: ]+");
    for (Path directory : directories) {
      assertThat(mode(directory)).isEqualTo("rwx------");
      for (String file : List.of("ca.key.pem", "ca.crt.pem", "ca.lock")) {
        assertThat(mode(directory.resolve(file))).as(file).isEqualTo("rw-------");
      }
    }
  }

  @Test
  void processesThatStartAtOnceAgreeOnOneCa() throws Exception {
    List<Path> directories = directories();
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      processes.add(start("022", directories));
    }
    Set<String> answers = new HashSet<>(finish(processes));
    List<String> seen = new ArrayList<>();
    for (Path each : directories) {
      seen.add(Fingerprint.sha256(new CaStore(each).load().certificate()));
    }
    assertThat(answers).containsExactly(String.join(" ", seen));
  }

  private List<Path> directories() {
    List<Path> directories = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      directories.add(temp.resolve("ca" + i));
    }
    return directories;
  }

  private static Process start(String umask, List<Path> directories) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "sh",
                "-c",
                "umask " + umask + "; exec \"$@\"",
                "sh",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                StoreOpener.class.getName()));
    directories.forEach(each -> command.add(each.toString()));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  /**
   * Starts all processes at the same moment, when the last one is ready. Returns their last lines.
   */
  private static List<String> finish(List<Process> processes) throws Exception {
    List<BufferedReader> outputs = new ArrayList<>();
    for (Process each : processes) {
      BufferedReader output = each.inputReader(StandardCharsets.UTF_8);
      assertThat(output.readLine()).isEqualTo("ready");
      outputs.add(output);
    }
    for (Process each : processes) {
      each.outputWriter(StandardCharsets.UTF_8).append('\n').flush();
    }
    List<String> answers = new ArrayList<>();
    for (int i = 0; i < processes.size(); i++) {
      // Without a log configuration, Netty prints other lines before.
      List<String> lines = outputs.get(i).lines().toList();
      assertThat(processes.get(i).waitFor()).as(String.join("\n", lines)).isZero();
      answers.add(lines.get(lines.size() - 1));
    }
    return answers;
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
