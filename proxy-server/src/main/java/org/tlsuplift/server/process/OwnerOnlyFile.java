package org.tlsuplift.server.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Writes files that only their owner can read, from the start. A reader always sees the complete
 * old or the complete new content.
 */
public final class OwnerOnlyFile {
  private static final int BLOCK = 8192;
  private static final int MAX_READ = 1 << 20;

  private OwnerOnlyFile() {}

  /**
   * Replaces or creates a file, after the new content is on the disk. A new one has mode 0600, and
   * the owner of its directory if this user may give it away; see {@link FileModes#inherit}.
   */
  public static void replace(Path file, byte[] content) throws IOException {
    publish(
        FileModes.target(file),
        out -> out.write(content),
        (complete, target) -> {
          FileModes.inherit(target, complete, FileModes.Readers.GROUP);
          move(complete, target);
        });
  }

  /**
   * Creates a file with mode 0600, after its content is on the disk.
   *
   * @throws FileAlreadyExistsException if the file exists
   */
  public static void create(Path file, byte[] content) throws IOException {
    create(file, out -> out.write(content));
  }

  /** Writes the content of a file. */
  public interface Content {
    /**
     * @param out not buffered; do not close it
     */
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Creates a file with mode 0600 and a content of any size, after its content is on the disk.
   *
   * @throws FileAlreadyExistsException if the file exists
   */
  public static void create(Path file, Content content) throws IOException {
    publish(file.toAbsolutePath(), content, OwnerOnlyFile::link);
  }

  /**
   * What writers of a file left that were killed. Only for callers that exclude other writers,
   * because the files of those have such names too.
   */
  public static List<Path> leftovers(Path file) throws IOException {
    Pattern name =
        Pattern.compile(Pattern.quote(file.getFileName() + ".") + "[0-9a-f]{1,16}\\.new");
    try (Stream<Path> siblings = Files.list(file.toAbsolutePath().getParent())) {
      return siblings
          .filter(each -> name.matcher(each.getFileName().toString()).matches())
          .toList();
    }
  }

  private interface Step {
    void apply(Path complete, Path target) throws IOException;
  }

  /**
   * Writes a file beside the target, with a name that no other writer of the target has.
   *
   * @param step gives the complete file the name of the target
   */
  private static void publish(Path target, Content content, Step step) throws IOException {
    String number = Long.toHexString(ThreadLocalRandom.current().nextLong());
    Path written = target.resolveSibling(target.getFileName() + "." + number + ".new");
    try {
      try (FileChannel channel = FileModes.create(written, FileModes.Readers.OWNER)) {
        content.writeTo(Channels.newOutputStream(channel));
        channel.force(true);
      }
      step.apply(written, target);
    } finally {
      Files.deleteIfExists(written);
    }
  }

  /** A move that never replaces a file: a hard link either is new or fails. */
  private static void link(Path from, Path to) throws IOException {
    try {
      Files.createLink(to, from);
    } catch (FileAlreadyExistsException exists) {
      throw exists;
    } catch (UnsupportedOperationException | FileSystemException noHardLinks) {
      Files.move(from, to);
    }
  }

  /** Moves a complete file to a path and replaces a file there, or gives a directory a new name. */
  public static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException odd) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /**
   * Moves a complete file to a path like {@link #move}, and overwrites the content of the file
   * there with zeros. Snapshots, backups, flash memory and copy-on-write file systems may still
   * hold the old content.
   */
  public static void moveAndErase(Path from, Path to) throws IOException {
    if (!Files.exists(to)) {
      move(from, to);
      return;
    }
    // After the move the old file has no name, but the channel still writes to it.
    try (FileChannel old = openToErase(to)) {
      move(from, to);
      erase(old);
    }
  }

  /** Overwrites a file with zeros and deletes it. The same limitation applies. */
  public static void erase(Path file) throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    try (FileChannel channel = openToErase(file)) {
      erase(channel);
    } finally {
      Files.delete(file);
    }
  }

  /** Reads a file of at most 1 MiB; see {@link #read(Path, int)}. */
  public static byte[] read(Path file) throws IOException {
    return read(file, MAX_READ);
  }

  /**
   * Reads a file, and no link that another user can have put there for root.
   *
   * @param max in bytes
   * @throws IOException also if it is larger, or not a regular file
   */
  public static byte[] read(Path file, int max) throws IOException {
    Path target = FileModes.regular(file);
    try (InputStream in =
        Files.newInputStream(target, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
      FileModes.refuseLink(file);
      FileModes.refuseElsewhere(target);
      byte[] content = in.readNBytes(max + 1);
      if (content.length > max) {
        throw new IOException(file + " is larger than " + (max >> 20) + " MiB");
      }
      return content;
    }
  }

  /** Waits until the names in a directory are on the disk, where the system can (POSIX). */
  public static void force(Path directory) throws IOException {
    if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
        names.force(true);
      }
    }
  }

  private static FileChannel openToErase(Path file) throws IOException {
    Path target = FileModes.target(file);
    FileChannel opened =
        FileChannel.open(target, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    try {
      // A hard link may have replaced the file.
      FileModes.refuseLink(file);
      FileModes.refuseElsewhere(target);
      return opened;
    } catch (IOException link) {
      opened.close();
      throw link;
    }
  }

  private static void erase(FileChannel file) throws IOException {
    long size = file.size();
    for (long at = 0; at < size; ) {
      at += file.write(ByteBuffer.allocate((int) Math.min(BLOCK, size - at)), at);
    }
    file.force(true);
  }
}
