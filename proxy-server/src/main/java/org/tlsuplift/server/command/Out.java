package org.tlsuplift.server.command;

import java.io.PrintWriter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Where a command writes its answer. */
@Command
final class Out {
  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  void line(String text) {
    PrintWriter out = commandLine().getOut();
    out.println(text);
    out.flush();
  }

  /** The words of the command line itself, for messages about it. */
  CommandLine commandLine() {
    return Objects.requireNonNull(command, "command").commandLine();
  }
}
