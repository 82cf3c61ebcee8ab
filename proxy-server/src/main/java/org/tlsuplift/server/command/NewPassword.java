package org.tlsuplift.server.command;

import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.tlsuplift.server.signin.password.PasswordHash;
import picocli.CommandLine.Option;

/** Asks for a new password: twice and without echo at a terminal, else a line of standard input. */
final class NewPassword {
  @Option(
      names = "--password-stdin",
      description = "Take the password from the first line of standard input, and do not ask.")
  private boolean fromStandardInput;

  /** The hash of what was typed. */
  String hash() throws IOException, CommandFailedException {
    Console console = fromStandardInput ? null : System.console();
    char[] password = console == null ? line() : typed(console);
    try {
      if (password.length == 0) {
        throw new CommandFailedException("a password has at least one character");
      }
      if (PasswordHash.bytes(password).length > PasswordHash.MAX_PASSWORD) {
        throw new CommandFailedException(
            "a password has at most " + PasswordHash.MAX_PASSWORD + " bytes");
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
      throw new CommandFailedException("the two are not the same; nothing was changed");
    }
    Arrays.fill(again, '\0');
    return first;
  }

  private static char[] line() throws IOException, CommandFailedException {
    String line =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
    if (line == null) {
      throw new CommandFailedException(
          "there is no password on standard input; give it as its first line");
    }
    return line.toCharArray();
  }
}
