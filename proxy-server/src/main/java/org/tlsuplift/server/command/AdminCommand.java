package org.tlsuplift.server.command;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Groups what concerns those who sign in at the admin port. */
@Command(
    name = "admin",
    header = "Make what admin.users and admin.tokens need.",
    synopsisSubcommandLabel = "COMMAND")
final class AdminCommand implements Callable<Integer> {
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Override
  public Integer call() {
    return commandOutput.usage();
  }

  /** Makes a token, and the line that the configuration holds. */
  @Command(
      name = "token",
      header = "Make a token for admin.tokens.",
      description =
          "Prints it once, for whoever is to sign in with it, and its digest, the line for the"
              + " configuration.")
  static final class AdminTokenCommand implements Callable<Integer> {
    /** Too many to guess (256 bits). */
    private static final int BYTES = 32;

    @Mixin private final CommandOutput commandOutput = new CommandOutput();

    @Override
    public Integer call() throws Exception {
      byte[] random = new byte[BYTES];
      new SecureRandom().nextBytes(random);
      // The prefix tells people and secret scanners what it is.
      String token = "tlsuplift_" + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.US_ASCII));
      commandOutput.line("token: " + token);
      // In quotes, since digits alone would be a number.
      commandOutput.line("sha256: \"" + HexFormat.of().formatHex(digest) + "\"");
      return 0;
    }
  }
}
