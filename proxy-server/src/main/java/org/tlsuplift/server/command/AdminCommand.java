package org.tlsuplift.server.command;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import org.tlsuplift.proxy.model.Digests;
import org.tlsuplift.server.command.text.CommandOutput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Groups the commands for users and tokens of the admin port. */
@Command(
    name = "admin",
    header = "Create entries for admin.users and admin.tokens.",
    synopsisSubcommandLabel = "COMMAND")
final class AdminCommand implements Callable<Integer> {
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Override
  public Integer call() {
    return commandOutput.usage();
  }

  /** Creates a token and its line for the configuration. */
  @Command(
      name = "token",
      header = "Create a token for admin.tokens.",
      description = "Prints the token, which is not stored, and its digest for the configuration.")
  static final class AdminTokenCommand implements Callable<Integer> {
    /** 256 bits cannot be guessed. */
    private static final int BYTES = 32;

    @Mixin private final CommandOutput commandOutput = new CommandOutput();

    @Override
    public Integer call() throws Exception {
      byte[] random = new byte[BYTES];
      new SecureRandom().nextBytes(random);
      // The prefix lets people and secret scanners recognise the token.
      String token = "tlsuplift_" + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
      byte[] digest = Digests.sha256().digest(token.getBytes(StandardCharsets.US_ASCII));
      commandOutput.line("token: " + token);
      // In quotes, because digits alone would be a number.
      commandOutput.line("sha256: \"" + HexFormat.of().formatHex(digest) + "\"");
      return 0;
    }
  }
}
