package org.tlsuplift.server.command;

import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.signin.PasswordHash;
import org.tlsuplift.server.terminal.CommandOutput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Hashes a password for the configuration. */
@Command(
    name = "hash",
    footer = "%nExample:%n  tls-uplift admin hash",
    header = "Hash a password for admin.users.",
    description =
        "Prompts for the password on a terminal; otherwise reads it from the first line of standard input. Prints the line for the configuration, with an Argon2id hash.")
final class AdminHashCommand implements Callable<Integer> {
  private final Supplier<InputStream> input;
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  /**
   * @param input read if there is no terminal
   */
  AdminHashCommand(Supplier<InputStream> input) {
    this.input = input;
  }

  @Override
  public Integer call() throws Exception {
    Console terminal = terminal();
    char[] password = terminal == null ? firstLine() : typed(terminal);
    try {
      commandOutput.line("passwordHash: " + PasswordHash.ofChosen(password).encoded());
      return 0;
    } finally {
      Arrays.fill(password, '\0');
    }
  }

  /** From Java 22, a console may exist without a terminal. */
  @SuppressWarnings("SystemConsoleNull")
  private static @Nullable Console terminal() {
    Console console = System.console();
    if (console == null) {
      return null;
    }
    try {
      return Boolean.TRUE.equals(Console.class.getMethod("isTerminal").invoke(console))
          ? console
          : null;
    } catch (ReflectiveOperationException beforeJava22) {
      return console;
    }
  }

  private static char[] typed(Console console) throws OperatorException {
    char[] password = read(console, "Password: ");
    char[] again = read(console, "Again: ");
    try {
      if (!Arrays.equals(password, again)) {
        throw new OperatorException("the two passwords differ; try again");
      }
      return password;
    } finally {
      Arrays.fill(again, '\0');
    }
  }

  private static char[] read(Console console, String prompt) throws OperatorException {
    char[] typed = console.readPassword("%s", prompt);
    if (typed == null) {
      throw new OperatorException("no password was entered");
    }
    return typed;
  }

  private char[] firstLine() throws IOException, OperatorException {
    BufferedReader reader =
        new BufferedReader(new InputStreamReader(input.get(), StandardCharsets.UTF_8));
    String line = reader.readLine();
    if (line == null) {
      throw new OperatorException(
          "standard input has no password; write it there, or use a terminal");
    }
    return line.toCharArray();
  }
}
