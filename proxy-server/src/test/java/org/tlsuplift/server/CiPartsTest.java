package org.tlsuplift.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.server.it.lab.Peers;

/** The parts of {@code .ci/run}, and the workflow that runs them side by side. */
@OneJdk
class CiPartsTest {
  private static final Path ROOT = Path.of("..");
  private static final List<String> PARTS =
      List.of("scripts", "unit", "integration", "other-jdks", "packages", "demo");

  private record Ended(int exit, String output) {}

  @BeforeEach
  void needsAShell() {
    Peers.require("bash");
  }

  private static Ended run(String argument) throws Exception {
    Process script =
        new ProcessBuilder("bash", ROOT.resolve(".ci/run").toString(), argument)
            .redirectErrorStream(true)
            .start();
    String output = new String(script.getInputStream().readAllBytes(), UTF_8);
    return new Ended(script.waitFor(), output);
  }

  @Test
  void helpExplainsEachPart() throws Exception {
    Ended help = run("--help");
    assertThat(help.exit()).isZero();
    assertThat(
            Pattern.compile("^  ([a-z-]+)  +\\S", Pattern.MULTILINE)
                .matcher(help.output())
                .results()
                .map(line -> line.group(1)))
        .isEqualTo(PARTS);
  }

  @Test
  void refusesAnUnknownPartBeforeItInstallsAnything() throws Exception {
    assertThat(run("units")).isEqualTo(new Ended(2, "no such part: units; see --help\n"));
  }

  @Test
  void theWorkflowRunsAllParts() throws Exception {
    assertThat(Files.readString(ROOT.resolve(".github/workflows/ci.yml")))
        .contains("run: .ci/run scripts\n")
        .contains("part: [" + String.join(", ", PARTS.subList(1, PARTS.size())) + "]")
        .contains(".ci/run ${{ matrix.part }}");
  }
}
