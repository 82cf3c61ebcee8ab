package org.tlsuplift.server.command;

import java.util.concurrent.Callable;
import org.tlsuplift.proxy.model.Digests;
import org.tlsuplift.server.terminal.CommandGroup;
import org.tlsuplift.server.terminal.CommandOutput;
import org.tlsuplift.server.text.UrlSafe;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Groups the commands for users and tokens of the admin port. */
@Command(name = "admin", header = "Create entries for admin.users and admin.tokens.")
final class AdminCommand extends CommandGroup {
  /** Creates a token and its line for the configuration. */
  @Command(
      name = "token",
      footer = "%nExample:%n  tls-uplift admin token",
      header = "Create a token for admin.tokens.",
      description = "Prints the token, which is not stored, and its digest for the configuration.")
  static final class AdminTokenCommand implements Callable<Integer> {
    @Mixin private final CommandOutput commandOutput = new CommandOutput();

    @Override
    public Integer call() throws Exception {
      // The prefix lets people and secret scanners recognise the token.
      String token = "tlsuplift_" + UrlSafe.random();
      commandOutput.line("token: " + token);
      // In quotes, because digits alone would be a number.
      commandOutput.line("sha256: \"" + Digests.sha256(token) + "\"");
      return 0;
    }
  }
}
