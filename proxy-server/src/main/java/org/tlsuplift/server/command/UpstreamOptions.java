package org.tlsuplift.server.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.config.AccountsReader;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.process.OwnerOnlyFile;
import org.tlsuplift.server.signin.PasswordHash;
import org.tlsuplift.server.terminal.CommandOutput;
import picocli.CommandLine.Option;

/** The options for the user and password of an account at its origin. */
final class UpstreamOptions {
  @Option(
      names = "--upstream-origin",
      paramLabel = "HOST:PORT",
      description = "The origin that the password is for; no other origin gets it.")
  private @Nullable String origin;

  @Option(
      names = "--upstream-user",
      paramLabel = "USER",
      description = "The user at that origin. Default: the mailbox.")
  private @Nullable String user;

  @Option(
      names = "--upstream-password-file",
      paramLabel = "FILE",
      description =
          "A file whose first line is the password at that origin. If it does not exist, the command prompts for the password and creates the file with mode 600.")
  private @Nullable Path passwordFile;

  /**
   * The options; null if they are not used.
   *
   * @throws IllegalArgumentException if one is invalid
   */
  SignInConfig.@Nullable Upstream read(String mailbox) throws OperatorException {
    if (origin == null && user == null && passwordFile == null) {
      return null;
    }
    if (origin == null || passwordFile == null) {
      throw new OperatorException("give --upstream-origin and --upstream-password-file together");
    }
    // The daemon may run in another directory.
    return AccountsReader.upstream(
        origin, user, mailbox, passwordFile.toAbsolutePath().normalize());
  }

  /** Asks for the password and creates its file, unless there is one. */
  boolean createFile(
      SignInConfig.@Nullable Upstream upstream, NewPassword prompt, CommandOutput commandOutput)
      throws IOException, OperatorException {
    if (upstream == null || Files.exists(upstream.passwordFile())) {
      return false;
    }
    char[] password = prompt.read("Password of " + upstream.user() + " at " + upstream.origin());
    byte[] bytes = PasswordHash.bytes(password);
    byte[] line = Arrays.copyOf(bytes, bytes.length + 1);
    line[bytes.length] = '\n';
    try {
      OwnerOnlyFile.create(upstream.passwordFile(), line);
    } finally {
      Arrays.fill(password, '\0');
      Arrays.fill(bytes, (byte) 0);
      Arrays.fill(line, (byte) 0);
    }
    commandOutput.line(
        "created %s; the daemon's user must be able to read it".formatted(upstream.passwordFile()));
    return true;
  }

  /** Deletes the file of an account that was not added. */
  void deleteFile(SignInConfig.@Nullable Upstream upstream) throws IOException {
    if (upstream != null) {
      OwnerOnlyFile.erase(upstream.passwordFile());
    }
  }
}
