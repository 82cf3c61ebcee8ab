package org.tlsuplift.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.testing.Leftovers;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.server.it.lab.Peers;

/** The script with which CI finds what tests leave: {@code .ci/leftovers}. */
@OneJdk
class LeftoversScriptTest {
  private static final Path SCRIPT = Path.of("..", ".ci", "leftovers");

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  @BeforeEach
  void needsItsPrograms() {
    List.of("bash", "pgrep", "ip").forEach(Peers::require);
  }

  private record Ended(int exit, String output) {}

  /** Runs a line of a strict shell, as .ci/run is, after the script was read. */
  private Ended run(String line) throws Exception {
    Process shell =
        new ProcessBuilder(
                "bash",
                "-euo",
                "pipefail",
                "-c",
                ". \"$0\"; " + line,
                SCRIPT.toString(),
                directory.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(shell.getInputStream().readAllBytes(), UTF_8);
    return new Ended(shell.waitFor(), output);
  }

  private void file(String name) throws IOException {
    Files.writeString(directory.resolve(name), "");
  }

  @Test
  void namesNewFilesOnly() throws Exception {
    file("before B");
    file("Before A");
    String before = "files=$(temporary \"$1\"); ";
    String after = "; remains \"$files\" \"$1\" || true";
    assertThat(run(before + ":" + after).output()).doesNotContain(directory.toString());

    String left =
        "touch \"$1\"/{Left,left,beforehand,sqlite-3.so,surefire1,hsperfdata_root,.java_pid9}";
    assertThat(run(before + left + after).output().lines().filter(this::isHere))
        .containsExactly(
            directory.resolve("Left").toString(),
            directory.resolve("beforehand").toString(),
            directory.resolve("left").toString());
  }

  private boolean isHere(String line) {
    return line.startsWith(directory.toString());
  }

  @Test
  void namesProcessesThatHaveTheMarkOfATest() throws Exception {
    Process left = Leftovers.start(new ProcessBuilder("sleep", "600"));
    try {
      assertThat(run("remains '' \"$1\" || true").output()).contains(left.pid() + " sleep 600");
    } finally {
      left.destroyForcibly().waitFor();
    }
    assertThat(run("remains '' \"$1\" || true").output()).doesNotContain(left.pid() + " sleep");
  }

  /** Processes of other builds on this machine are no part of this test. */
  @Test
  void failsIfSomethingIsLeft() throws Exception {
    file("left");
    Ended ended = run("remains() { temporary \"$2\"; }; nothing_left '' \"$1\" 1; echo passed");
    assertThat(ended.exit()).isEqualTo(1);
    assertThat(ended.output())
        .isEqualTo("the tests left this behind: " + directory.resolve("left") + "\n");
  }

  @Test
  void waitsForFilesThatAreAboutToGo() throws Exception {
    file("left");
    Ended ended =
        run(
            "remains() { temporary \"$2\"; rm -f \"$2\"/left; }; nothing_left '' \"$1\" 5; echo passed");
    assertThat(ended.output()).isEqualTo("passed\n");
    assertThat(ended.exit()).isZero();
  }

  @Test
  void isUsedByTheRun() throws Exception {
    assertThat(Files.readString(SCRIPT.resolveSibling("run")))
        .contains(". .ci/leftovers\nfiles=$(temporary)\n", "\nnothing_left \"$files\"\n");
  }

  @Test
  void isCleanToShellcheck() throws Exception {
    String shellcheck = Peers.require("shellcheck");
    Process check =
        new ProcessBuilder(shellcheck, SCRIPT.toString(), SCRIPT.resolveSibling("run").toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(check.getInputStream().readAllBytes(), UTF_8);
    assertThat(check.waitFor()).as(output).isZero();
  }
}
