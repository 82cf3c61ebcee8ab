package org.tlsuplift.server.command.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.command.CommandRun;
import org.tlsuplift.server.command.UpliftCommand;
import picocli.CommandLine;

/** What a failed command prints. */
class CommandFailuresTest {
  private static final String HOSTILE = "a\u001b[31mb\u009bc";
  private static final String HARMLESS = "a\\x1b[31mb\\x9bc";

  @Test
  void escapesControlCharacters() {
    assertThat(printed(new OperatorException("first " + HOSTILE + "\nsecond")))
        .isEqualToNormalizingNewlines("first " + HARMLESS + "\nsecond\n");
    assertThat(printed(new IllegalStateException(HOSTILE, new IllegalStateException(HOSTILE))))
        .startsWith("unexpected failure; please report it: ")
        .contains("Caused by: java.lang.IllegalStateException: " + HARMLESS)
        .contains("at " + CommandFailuresTest.class.getName())
        .doesNotContain("\u001b", "\u009b", "\\t");
  }

  private static String printed(Exception failure) {
    StringWriter err = new StringWriter();
    CommandLine line = UpliftCommand.line(CommandRun.NEVER).setErr(new PrintWriter(err, true));
    new CommandFailures(() -> false)
        .handleExecutionException(failure, line, line.parseArgs("check"));
    return err.toString();
  }
}
