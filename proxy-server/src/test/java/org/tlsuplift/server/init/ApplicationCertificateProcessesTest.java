package org.tlsuplift.server.init;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.tls.chain.Fingerprint;

/** The daemon and a command may make the pairs of a tenant at the same moment. */
class ApplicationCertificateProcessesTest {
  @TempDir Path folder;

  @Test
  void processesThatMakePairsAtOnceAgreeOnThem() throws Exception {
    List<Process> processes = new ArrayList<>();
    List<BufferedReader> outputs = new ArrayList<>();
    try {
      for (int i = 0; i < 2; i++) {
        Process process =
            new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Maker.class.getName(),
                    folder.resolve("data").toString())
                .start();
        processes.add(process);
        outputs.add(process.inputReader(StandardCharsets.UTF_8));
      }
      for (BufferedReader each : outputs) {
        assertThat(each.readLine()).isEqualTo("ready");
      }
      for (Process each : processes) {
        each.outputWriter(StandardCharsets.UTF_8).append('\n').flush();
      }
      Set<List<String>> made = new HashSet<>();
      for (BufferedReader each : outputs) {
        made.add(each.lines().toList());
      }
      ApplicationCertificate files = Maker.files(folder.resolve("data"));
      assertThat(made)
          .containsExactly(
              List.of(
                  Fingerprint.sha256(files.read().certificate()),
                  Fingerprint.sha256(files.staged().read().certificate())));
    } finally {
      processes.forEach(Process::destroyForcibly);
    }
  }

  /** Makes both pairs after it has read a line, and prints their fingerprints. */
  static final class Maker {
    private Maker() {}

    static ApplicationCertificate files(Path data) {
      return ApplicationCertificate.of(data, "contoso.com");
    }

    public static void main(String[] arguments) throws Exception {
      ApplicationCertificate files = files(Path.of(arguments[0]));
      System.out.println("ready");
      if (System.in.read() >= 0) {
        System.out.println(Fingerprint.sha256(files.prepare(Clock.systemUTC())));
        System.out.println(Fingerprint.sha256(files.stage(Clock.systemUTC()).certificate()));
      }
    }
  }
}
