package org.tlsuplift.server.init;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.config.binding.Problems;
import org.tlsuplift.server.config.binding.Spelling;
import org.tlsuplift.server.config.secret.PasswordFile;
import org.tlsuplift.server.config.secret.ReadableSecrets;

/**
 * Reads the text of an answer as a path, a name, a day, a word or a list.
 *
 * <p>Each method throws {@link IllegalArgumentException} if it cannot read the text. Its message is
 * the remedy.
 */
final class Answers {
  private Answers() {}

  /** A file to write; it may exist only if it will be overwritten. */
  static Path newFile(String text, boolean overwrite) {
    Path file = path(text);
    if (Files.isDirectory(file)) {
      throw new IllegalArgumentException("that is a directory; name a file in it");
    }
    if (Files.exists(file) && !overwrite) {
      throw new IllegalArgumentException("give another file, or --force, which keeps a copy");
    }
    requireWritable(file.getParent());
    return file;
  }

  static Path directory(String text) {
    Path directory = path(text);
    if (Files.exists(directory) && !Files.isDirectory(directory)) {
      throw new IllegalArgumentException("that is a file; give another name");
    }
    requireWritable(directory);
    return directory;
  }

  /** A directory in which this user can create files, or that this user can create. */
  private static void requireWritable(@Nullable Path directory) {
    Path existing = directory;
    while (existing != null && !Files.exists(existing)) {
      existing = existing.getParent();
    }
    if (existing != null && !(Files.isDirectory(existing) && Files.isWritable(existing))) {
      throw new IllegalArgumentException(
          "it cannot be written: "
              + existing
              + (Files.isDirectory(existing)
                  ? " belongs to another user; run this command as the daemon's user"
                  : " is a file"));
    }
  }

  /** An existing file that the daemon accepts as a secret. */
  static Path secretFile(String text) {
    Path file = path(text);
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException("no such file; write the secret to it first");
    }
    try {
      PasswordFile.read(file);
    } catch (OperatorException unusable) {
      throw new IllegalArgumentException(unusable.getMessage(), unusable);
    }
    Problems problems = new Problems();
    ReadableSecrets.require("", file, problems);
    problems.errors().stream()
        .findFirst()
        .ifPresent(
            problem -> {
              throw new IllegalArgumentException(problem.got() + "; " + problem.hint());
            });
    return file;
  }

  /** Absolute, because the daemon may start in another directory. */
  private static Path path(String text) {
    try {
      if (text.isEmpty() || text.chars().anyMatch(Character::isISOControl)) {
        throw new IllegalArgumentException("write the path");
      }
      return Path.of(text).toAbsolutePath().normalize();
    } catch (InvalidPathException wrong) {
      throw new IllegalArgumentException(wrong.getReason(), wrong);
    }
  }

  static String serverName(String text) {
    String name = HostPort.normalise(text);
    if (!HostPort.isHostName(name) && !HostPort.isAddressLiteral(name)) {
      throw new IllegalArgumentException(
          text.contains("*")
              ? "write each name: old devices do not understand * in certificates"
              : "write them without a port, separated by commas");
    }
    return name;
  }

  /** The MX host of an organization in Exchange Online. */
  static String mxHost(String text) {
    String host = HostPort.normalise(text);
    if (!HostPort.isHostName(host) || HostPort.isAddressLiteral(host)) {
      throw new IllegalArgumentException(
          host.contains(",") || host.contains(" ") ? "write one host" : "write the name only");
    }
    if (host.split("\\.", -1).length < 3) {
      throw new IllegalArgumentException("write the host of the MX record, not the mail domain");
    }
    return host;
  }

  /** Today or a later day. */
  static LocalDate day(String text, LocalDate today) {
    try {
      LocalDate day = LocalDate.parse(text);
      if (day.isBefore(today)) {
        throw new IllegalArgumentException("that day has passed");
      }
      return day;
    } catch (DateTimeException wrong) {
      throw new IllegalArgumentException("write year, month and day", wrong);
    }
  }

  static <T extends Enum<T> & Labelled> T word(String text, T[] values) {
    return Arrays.stream(values)
        .filter(value -> value.label().equalsIgnoreCase(text))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    Spelling.hint(text, Arrays.stream(values).map(Labelled::label).toList())));
  }

  static <T> List<T> list(String text, Function<String, T> meaning) {
    List<T> all =
        Arrays.stream(text.split("[,;\\s]+", -1))
            .filter(part -> !part.isEmpty())
            .map(meaning)
            .distinct()
            .toList();
    if (all.isEmpty()) {
      throw new IllegalArgumentException("write at least one");
    }
    return all;
  }

  static String words(Collection<? extends Labelled> values) {
    return values.stream().map(Labelled::label).collect(Collectors.joining(", "));
  }
}
