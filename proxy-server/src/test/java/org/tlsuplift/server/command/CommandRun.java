package org.tlsuplift.server.command;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.function.Supplier;
import org.tlsuplift.server.command.text.LogLevels;
import picocli.CommandLine;

/**
 * What a command line printed and exited with.
 *
 * @param exit the exit code
 * @param out what it printed
 * @param err what it complained of
 */
public record CommandRun(int exit, String out, String err) {
  /** A daemon under test is stopped by its test, not by a signal. */
  public static final StopSignal NEVER =
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

  public static CommandRun of(String... arguments) {
    return of(NEVER, arguments);
  }

  public static CommandRun of(StopSignal stop, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line =
        UpliftCommand.line(stop, arguments)
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true));
    try {
      return new CommandRun(line.execute(arguments), out.toString(), err.toString());
    } finally {
      // Commands log less; other tests of this JVM read the log.
      LogLevels.normal();
    }
  }
}
