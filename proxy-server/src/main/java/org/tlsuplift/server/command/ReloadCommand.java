package org.tlsuplift.server.command;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.command.text.CommandFailures;
import org.tlsuplift.server.command.text.ConfigOption;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.daemon.ReloadRequest;
import org.tlsuplift.server.daemon.ReloadResult;
import org.tlsuplift.server.daemon.ReloadSocket;
import org.tlsuplift.server.feature.Change;
import org.tlsuplift.server.terminal.CommandAudit;
import org.tlsuplift.server.terminal.CommandOutput;
import org.tlsuplift.server.text.Printable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Makes the daemon of this machine reload its configuration. */
@Command(
    name = "reload",
    footer = "%nExample:%n  tls-uplift reload --config /etc/tls-uplift/tls-uplift.yaml",
    header = "Make the running daemon reload its configuration, without dropping sessions.",
    description =
        "Prints the keys that have changed. If there is any problem, prints all problems and exits"
            + " with 2; the daemon then keeps the configuration that it has. Run it as the user of"
            + " the daemon.")
final class ReloadCommand implements Callable<Integer> {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Override
  public Integer call() throws Exception {
    ReloadResult result = reload();
    CommandAudit.record(
        commandOutput,
        config.dataDirectory(),
        "configuration.reload",
        result.isApplied()
            ? Change.done(
                "",
                "",
                result.changed().isEmpty()
                    ? "no key has changed"
                    : "changed: " + String.join(", ", result.changed()))
            : Change.refused("", result.problems().size() + " problems"));
    if (!result.isApplied()) {
      PrintWriter err = commandOutput.commandLine().getErr();
      err.println("the configuration was not reloaded, and the running one stays in use:");
      result.problems().forEach(problem -> err.println(Printable.line(problem)));
      err.flush();
      return CommandFailures.CONFIGURATION;
    }
    commandOutput.lines(
        result.changed().isEmpty()
            ? "reloaded; no key has changed, and its files were read"
            : "reloaded; changed: " + String.join(", ", result.changed()));
    return 0;
  }

  /**
   * Sends a configuration with errors to the daemon too, so that its metrics, pages and
   * notifications report them.
   */
  private ReloadResult reload() throws OperatorException {
    Path socket = ReloadSocket.of(config.dataDirectory());
    try {
      var unused = config.load();
    } catch (InvalidConfigException invalid) {
      try {
        return ReloadRequest.send(socket);
      } catch (IOException noDaemon) {
        throw invalid;
      }
    }
    return send(socket);
  }

  private static ReloadResult send(Path socket) throws OperatorException {
    try {
      return ReloadRequest.send(socket);
    } catch (IOException failed) {
      throw new OperatorException(
          "%s: no daemon responds (%s); check that it is running, that this is its user, and that 'dataDirectory' is its own"
              .formatted(socket, failed.getMessage()));
    }
  }
}
