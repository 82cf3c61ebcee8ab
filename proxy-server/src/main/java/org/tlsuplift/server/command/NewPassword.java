package org.tlsuplift.server.command;

import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.tlsuplift.server.command.console.CommandFailedException;
import org.tlsuplift.server.signin.password.PasswordHash;
import picocli.CommandLine.Option;

/**
 * Reads a new password: twice and without echo on a terminal, otherwise one line of standard input.
 */
final class NewPassword {
  @Option(
      names = "--password-stdin",
      description = "Read the password from the first line of standard input, without a prompt.")
  private boolean fromStandardInput;

  String hash() throws IOException, CommandFailedException {
    Console console = fromStandardInput ? null : System.console();
    char[] password = console == null ? line() : typed(console);
    try {
      if (password.length == 0) {
        throw new CommandFailedException("the password is empty; enter at least one character");
      }
      if (PasswordHash.bytes(password).length > PasswordHash.MAX_PASSWORD) {
        throw new CommandFailedException(
            "the password is too long; at most "
                + PasswordHash.MAX_PASSWORD
                + " bytes are allowed");
      }
      return PasswordHash.of(password).encoded();
    } finally {
      Arrays.fill(password, '\0');
    }
  }

  private static char[] typed(Console console) throws CommandFailedException {
    char[] first = console.readPassword("Password: ");
    char[] again = console.readPassword("Again: ");
    if (first == null || again == null || !Arrays.equals(first, again)) {
      throw new CommandFailedException("the two passwords differ; nothing was changed");
    }
    Arrays.fill(again, '\0');
    return first;
  }

  private static char[] line() throws IOException, CommandFailedException {
    String line =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
    if (line == null) {
      throw new CommandFailedException(
          "standard input has no password; write it as the first line");
    }
    return line.toCharArray();
  }
}
