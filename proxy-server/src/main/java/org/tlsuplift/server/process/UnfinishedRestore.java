package org.tlsuplift.server.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.outcome.OperatorException;

/**
 * The note in a data directory while a restore replaces its parts. It stays if the restore is
 * killed, so that no daemon makes a new CA for the one that is missing.
 */
public final class UnfinishedRestore {
  private static final String NAME = "restore.unfinished";
  private static final int MAX_SHOWN = 400;

  private UnfinishedRestore() {}

  /**
   * @param old has the parts that were replaced
   */
  public static void begin(Path directory, Path old) throws IOException {
    OwnerOnlyFile.replace(directory.resolve(NAME), (old + "\n").getBytes(StandardCharsets.UTF_8));
  }

  public static void end(Path directory) throws IOException {
    Files.deleteIfExists(directory.resolve(NAME));
  }

  /** The sentence about a restore that was killed. */
  public static Optional<String> said(Path directory) throws IOException {
    Path note = directory.resolve(NAME);
    if (!Files.exists(note)) {
      return Optional.empty();
    }
    String old = new String(OwnerOnlyFile.read(note), StandardCharsets.UTF_8).strip();
    return Optional.of(
        "an earlier restore to '%s' did not end; what was there before is in '%s'"
            .formatted(directory, ShortText.printable(old, MAX_SHOWN)));
  }

  /**
   * @throws OperatorException if a restore was killed
   */
  static void refuse(Path directory) throws OperatorException {
    try {
      Optional<String> said = said(directory);
      if (said.isPresent()) {
        throw new OperatorException("restore again with --force: " + said.get());
      }
    } catch (IOException failed) {
      throw OperatorException.of("read", directory.resolve(NAME), failed);
    }
  }
}
