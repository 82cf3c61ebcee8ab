package org.tlsuplift.server.command;

import java.io.Console;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.config.secret.PasswordFile;
import org.tlsuplift.server.process.FileModes;
import picocli.CommandLine.Option;

/** Reads a passphrase from a file or, without echo, from the terminal. */
final class PassphraseOption {
  private static final int MIN_LENGTH = 12;

  @Option(
      names = "--passphrase-file",
      paramLabel = "FILE",
      description =
          "A file whose first line is the passphrase; only its owner may read it. Without this"
              + " option, the command asks at the terminal.")
  private @Nullable Path file;

  boolean isGiven() {
    return file != null;
  }

  /** A passphrase for a new backup; at the terminal, it must be typed twice. */
  char[] choose() throws OperatorException {
    char[] passphrase = file == null ? typedTwice() : read(file);
    if (passphrase.length < MIN_LENGTH) {
      throw new OperatorException(
          "the passphrase has %d characters; use at least %d, because anyone who has the backup can try passphrases without a limit"
              .formatted(passphrase.length, MIN_LENGTH));
    }
    return passphrase;
  }

  /** The passphrase of a backup or of a private key. */
  char[] ask(String prompt) throws OperatorException {
    return file == null ? typed(console(), prompt) : read(file);
  }

  private static char[] read(Path file) throws OperatorException {
    try {
      Optional<String> open = FileModes.openToOthers(file);
      if (open.isPresent()) {
        throw new OperatorException(
            "%s is accessible to other users (mode %s); %s"
                .formatted(file, open.get(), FileModes.remedy(file, "600")));
      }
    } catch (IOException missing) {
      throw OperatorException.of("read", file, missing);
    }
    String passphrase = PasswordFile.read(file);
    return passphrase == null ? new char[0] : passphrase.toCharArray();
  }

  private static char[] typedTwice() throws OperatorException {
    Console console = console();
    char[] first = typed(console, "Passphrase for the backup");
    char[] again = typed(console, "Again");
    if (!Arrays.equals(first, again)) {
      throw new OperatorException("the two passphrases differ; nothing was written");
    }
    Arrays.fill(again, '\0');
    return first;
  }

  private static char[] typed(Console console, String prompt) throws OperatorException {
    char[] typed = console.readPassword("%s: ", prompt);
    if (typed == null) {
      throw new OperatorException("no passphrase was entered; nothing was written");
    }
    return typed;
  }

  private static Console console() throws OperatorException {
    return Optional.ofNullable(System.console())
        .orElseThrow(
            () ->
                new OperatorException(
                    "there is no terminal to ask for the passphrase; use --passphrase-file"));
  }
}
