package org.tlsuplift.server.it.lab;

import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.function.Supplier;
import org.tlsuplift.server.command.StopSignal;
import org.tlsuplift.server.command.UpliftCommand;
import picocli.CommandLine;

/** The program's own commands, in this process: what they print to both streams, and exit with. */
public final class CommandLineRun {
  private static final StopSignal NEVER =
      new StopSignal() {
        @Override
        public void arm() {}

        @Override
        public void endWithin(Supplier<Duration> longest) {}

        @Override
        public void onReload(Runnable reload) {}

        @Override
        public String await() {
          throw new IllegalStateException("no daemon is meant to run here");
        }
      };

  static {
    // Maven sends the names of the next tests to this process by its standard input. A command that
    // reads it would wait without end, and take them away.
    System.setIn(InputStream.nullInputStream());
  }

  private CommandLineRun() {}

  public static Run of(String... arguments) {
    return of(new StringWriter(), arguments);
  }

  /** Runs a command; the writer gets its output while the command runs. */
  public static Run of(StringWriter output, String... arguments) {
    PrintWriter both = new PrintWriter(output, true);
    CommandLine line = UpliftCommand.line(NEVER).setOut(both).setErr(both);
    return new Run(
        "tls-uplift " + String.join(" ", arguments), line.execute(arguments), output.toString());
  }
}
