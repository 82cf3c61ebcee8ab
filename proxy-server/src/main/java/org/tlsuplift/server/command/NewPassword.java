package org.tlsuplift.server.command;

import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.signin.PasswordHash;
import picocli.CommandLine.Option;

/**
 * Reads new passwords: each twice and without echo on a terminal, otherwise one line of standard
 * input.
 */
final class NewPassword {
  @Option(
      names = "--password-stdin",
      description =
          "Read each password from a line of standard input, without a prompt: first that of the device, if it has a login.")
  private boolean fromStandardInput;

  private @Nullable BufferedReader input;

  String hash() throws IOException, OperatorException {
    char[] password = read("Password");
    try {
      return PasswordHash.ofChosen(password).encoded();
    } finally {
      Arrays.fill(password, '\0');
    }
  }

  /**
   * Reads a password as it is.
   *
   * @param prompt for the terminal
   * @return at least one character; the caller wipes it
   */
  char[] read(String prompt) throws IOException, OperatorException {
    Console console = fromStandardInput ? null : System.console();
    char[] password = console == null ? line() : typed(console, prompt);
    if (password.length == 0) {
      throw new OperatorException("the password is empty; enter at least one character");
    }
    return password;
  }

  private static char[] typed(Console console, String prompt) throws OperatorException {
    char[] first = console.readPassword("%s: ", prompt);
    char[] again = console.readPassword("Again: ");
    if (first == null || again == null || !Arrays.equals(first, again)) {
      throw new OperatorException("the two passwords differ; nothing was changed");
    }
    Arrays.fill(again, '\0');
    return first;
  }

  private char[] line() throws IOException, OperatorException {
    if (input == null) {
      input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    }
    String line = input.readLine();
    if (line == null) {
      throw new OperatorException(
          "standard input has no password; write each password as a line of its own");
    }
    return line.toCharArray();
  }
}
