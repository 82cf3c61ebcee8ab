package org.tlsuplift.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;

/** What the shells offer. */
class FishCompletionTest {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  @Test
  void fishOffersCommandsAndOptionsOfEachLevel() throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("tls-uplift.fish"),
            FishCompletion.of(UpliftCommand.line(CommandRun.NEVER)));
    assertThat(offered(file, "tls-uplift "))
        .contains("run\tRun the proxy", "ca\t", "manual\t")
        .doesNotContain("stage\t");
    assertThat(offered(file, "tls-uplift ca "))
        .contains("stage\t", "export\t")
        .doesNotContain("run\t");
    assertThat(offered(file, "tls-uplift run --config a.yaml --"))
        .contains("--watch\t", "--config\t");
    assertThat(offered(file, "tls-uplift run --w")).contains("--watch\t");
  }

  private static String offered(Path file, String line) {
    Run run =
        Run.of(
            List.of(
                Peers.require("fish"),
                "--no-config",
                "-c",
                "source " + file + "; complete -C '" + line + "'"));
    assertThat(run.exit()).as(run.output()).isZero();
    return run.output();
  }
}
