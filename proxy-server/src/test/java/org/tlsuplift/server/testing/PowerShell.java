package org.tlsuplift.server.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.tlsuplift.proxy.testing.Peer;
import org.tlsuplift.server.it.lab.Peers;

/** Checks the syntax of PowerShell scripts, with a parser that is not Microsoft's. */
public final class PowerShell {
  private static final Path PARSER = Path.of("src", "test", "windows", "parse.js");

  private PowerShell() {}

  /**
   * The lines that do not parse.
   *
   * @param directory gets a scratch file
   */
  public static List<String> errors(Path directory, List<Path> scripts) throws Exception {
    Path output = directory.resolve("output");
    ProcessBuilder parser =
        new ProcessBuilder(
            Peer.require("node", "nodejs").toString(), "--liftoff-only", PARSER.toString());
    parser.environment().put("UPLIFT_POWERSHELL_PARSER", Peers.powerShellParser().toString());
    scripts.forEach(script -> parser.command().add(script.toString()));
    Process running = parser.redirectErrorStream(true).redirectOutput(output.toFile()).start();
    assertThat(running.waitFor()).as(Files.readString(output)).isZero();
    return Files.readAllLines(output);
  }
}
