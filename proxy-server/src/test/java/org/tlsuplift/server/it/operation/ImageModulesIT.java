package org.tlsuplift.server.it.operation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.testing.Peer;

/** jlink leaves out of the image's Java what the Dockerfile does not name. */
class ImageModulesIT {
  @Test
  void theImageHasEveryModuleThatTheJarUses() throws Exception {
    StringWriter output = new StringWriter();
    PrintWriter writer = new PrintWriter(output, true);
    int exit =
        ToolProvider.findFirst("jdeps")
            .orElseThrow(() -> new AssertionError(Peer.missing("jdeps", "run the tests on a JDK")))
            .run(
                writer,
                writer,
                "--multi-release=17",
                "--ignore-missing-deps",
                "--print-module-deps",
                Path.of("target", "tls-uplift.jar").toString());
    assertThat(exit).as(output.toString()).isZero();
    List<String> used =
        output.toString().lines().reduce((first, last) -> last).stream()
            .flatMap(line -> Pattern.compile(",").splitAsStream(line))
            .filter(module -> !module.equals("java.base"))
            .toList();

    List<String> linked =
        Pattern.compile("(?:java|jdk)\\.[a-z.]+(?=[,\\n])")
            .matcher(Files.readString(Path.of("..", "Dockerfile")))
            .results()
            .map(MatchResult::group)
            .toList();
    assertThat(used).contains("java.sql");
    assertThat(linked).containsExactlyInAnyOrderElementsOf(used);
  }
}
