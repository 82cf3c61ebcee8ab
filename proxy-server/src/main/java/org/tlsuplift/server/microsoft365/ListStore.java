package org.tlsuplift.server.microsoft365;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.process.FileModes;
import org.tlsuplift.server.process.OwnerOnlyFile;

/**
 * The last good list of a cloud, and the state of the checks, in {@code dataDirectory/endpoints}.
 *
 * <p>Each file is replaced as a whole, so a reader sees the old or the new content, and a running
 * daemon notices a list that another process wrote. The methods block on the disk.
 */
public final class ListStore {
  private static final int MAX_BYTES = 4 << 20;

  private final Cloud cloud;
  private final Path dataDirectory;
  private final Path directory;

  public ListStore(Path dataDirectory, Cloud cloud) {
    this.cloud = cloud;
    this.dataDirectory = dataDirectory;
    this.directory = dataDirectory.resolve("endpoints");
  }

  /** The file with the list. */
  public Path file() {
    return directory.resolve(cloud.label() + ".json");
  }

  /** The file with the state of the checks. */
  public Path stateFile() {
    return directory.resolve(cloud.label() + ".state");
  }

  /**
   * The list; empty if none is stored.
   *
   * @throws OperatorException if it cannot be read, with the remedy
   */
  public Optional<PublishedList> read() throws OperatorException {
    try (InputStream content = Files.newInputStream(file())) {
      byte[] bytes = content.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new OperatorException("it is larger than 4 MiB");
      }
      return Optional.of(ListJson.readStored(cloud, new String(bytes, StandardCharsets.UTF_8)));
    } catch (NoSuchFileException none) {
      return Optional.empty();
    } catch (OperatorException | IOException broken) {
      throw new OperatorException(
          "%s: the stored endpoint list cannot be read (%s); delete the file, or run: tls-uplift endpoints refresh"
              .formatted(file(), reason(broken)));
    }
  }

  private static String reason(Exception broken) {
    return broken instanceof OperatorException unusable
        ? unusable.getMessage()
        : broken.getClass().getSimpleName();
  }

  /** The list in use: the stored one, unless there is none or the program has a later one. */
  public PublishedList current() {
    PublishedList bundled = PublishedList.bundled(cloud);
    try {
      return read().filter(list -> !bundled.version().isAfter(list.version())).orElse(bundled);
    } catch (OperatorException broken) {
      return bundled;
    }
  }

  /**
   * Stores a list.
   *
   * @param endpoints the response that it was read from
   */
  void save(PublishedList list, String endpoints) throws IOException {
    if (list.fetched() == null) {
      throw new IllegalArgumentException("a bundled list is not stored");
    }
    write(file(), ListJson.stored(list, list.fetched(), endpoints));
  }

  /** The state; empty fields where it is missing or broken, which costs one more check. */
  public CheckState state() {
    try {
      return ListJson.readState(Files.readString(stateFile()));
    } catch (OperatorException | IOException none) {
      return CheckState.NONE;
    }
  }

  void save(CheckState state) throws IOException {
    write(stateFile(), ListJson.state(state));
  }

  /** The ID of this installation, which every request has; random, and made when it is missing. */
  UUID clientRequestId() throws IOException {
    Path file = directory.resolve("client-request-id");
    try {
      return UUID.fromString(Files.readString(file).strip());
    } catch (IOException | IllegalArgumentException missing) {
      UUID made = UUID.randomUUID();
      write(file, made + "\n");
      return made;
    }
  }

  private void write(Path file, String content) throws IOException {
    FileModes.directory(directory, FileModes.Readers.OWNER);
    // The daemon must be able to read what root stores.
    FileModes.giveTo(dataDirectory, directory);
    OwnerOnlyFile.replace(file, content.getBytes(StandardCharsets.UTF_8));
  }
}
