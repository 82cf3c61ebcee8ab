package org.tlsuplift.server.authority;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.tls.chain.CertificatePath;
import org.tlsuplift.server.process.FileModes;
import org.tlsuplift.server.process.OwnerOnlyFile;
import org.tlsuplift.server.process.PemFile;

/**
 * The files of a CA in its directory.
 *
 * <p>A new pair is written completely, under names that end in {@code .new}, before one of the
 * files gets its own name. So a complete pair exists even if a process is killed at any moment,
 * possibly with one file under the old and one under the new name.
 */
record CaFiles(Path directory) {
  static final String LOCK = "ca.lock";

  /** A key and a certificate that may belong together. */
  record Pair(Path key, Path certificate) {
    boolean belongsTogether() {
      try {
        return Files.exists(key)
            && Files.exists(certificate)
            && CertificatePath.of(
                    PemFile.read(key).key(null), PemFile.read(certificate).certificates())
                .isPresent();
      } catch (OperatorException unusable) {
        return false;
      }
    }
  }

  Path key() {
    return directory.resolve("ca.key.pem");
  }

  Path certificate() {
    return directory.resolve("ca.crt.pem");
  }

  Path newKey() {
    return directory.resolve("ca.key.pem.new");
  }

  Path newCertificate() {
    return directory.resolve("ca.crt.pem.new");
  }

  Pair pair() {
    return new Pair(key(), certificate());
  }

  /** The files of a CA that is kept in addition to this one. */
  CaFiles kept(KeptCa.Role role) {
    return new CaFiles(directory.resolve(role.folder()));
  }

  /** The directory under the name that it has while it is made or erased. */
  CaFiles unfinished() {
    return new CaFiles(directory.resolveSibling(directory.getFileName() + ".new"));
  }

  boolean exist() {
    return Files.exists(key()) || Files.exists(certificate());
  }

  /** Whether a process that wrote to this directory was killed, or is still writing. */
  boolean areUnfinished() {
    return Files.exists(newKey())
        || Files.exists(newCertificate())
        || hasLeftovers()
        || Stream.of(KeptCa.Role.values())
            .anyMatch(role -> Files.exists(kept(role).unfinished().directory()));
  }

  /** The pair to use: the files in place, unless an interrupted change split the pair. */
  Pair complete() {
    Pair inPlace = pair();
    Stream<Pair> others =
        exist()
            ? Stream.of(new Pair(key(), newCertificate()), new Pair(newKey(), certificate()))
            : Stream.of(new Pair(newKey(), newCertificate()));
    return Stream.concat(Stream.of(inPlace), others)
        .filter(Pair::belongsTogether)
        .findFirst()
        .orElse(inPlace);
  }

  /**
   * Completes an interrupted change: a complete pair gets its names, and other files are erased.
   *
   * @return whether a pair was completed
   */
  boolean finish() throws IOException {
    Pair complete = complete();
    boolean completed = false;
    if (complete.key().equals(newKey())) {
      OwnerOnlyFile.moveAndErase(newKey(), key());
      completed = true;
    }
    if (complete.certificate().equals(newCertificate())) {
      OwnerOnlyFile.move(newCertificate(), certificate());
      completed = true;
    }
    discardNew();
    for (KeptCa.Role role : KeptCa.Role.values()) {
      kept(role).unfinished().eraseDirectory();
    }
    return completed;
  }

  /**
   * Writes a new file for the owner of the directory, because root may run the command but the
   * daemon runs as another user.
   */
  void create(Path file, byte[] content) throws IOException {
    OwnerOnlyFile.create(file, content);
    FileModes.giveTo(directory, file);
  }

  /** Gives a new pair its names; the old key is erased. */
  void install() throws IOException {
    OwnerOnlyFile.moveAndErase(newKey(), key());
    OwnerOnlyFile.move(newCertificate(), certificate());
  }

  void discardNew() throws IOException {
    OwnerOnlyFile.erase(newKey());
    Files.deleteIfExists(newCertificate());
    for (Path leftover : leftovers()) {
      OwnerOnlyFile.erase(leftover);
    }
  }

  private boolean hasLeftovers() {
    try {
      return !leftovers().isEmpty();
    } catch (IOException unreadable) {
      // Reading the CA later fails with the reason.
      return false;
    }
  }

  /** Files that a process was writing when it was killed; a part of a key may be among them. */
  private List<Path> leftovers() throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    List<Path> found = new ArrayList<>();
    for (Path written : List.of(key(), certificate(), newKey(), newCertificate())) {
      found.addAll(OwnerOnlyFile.leftovers(written));
    }
    return found;
  }

  /**
   * The names of all files, relative to the directory, except for the lock. Hidden names are left
   * out: Kubernetes keeps its own copies of mounted files under them.
   */
  List<Path> all() throws IOException {
    List<Path> found = new ArrayList<>();
    addTo(found, directory);
    return found;
  }

  private void addTo(List<Path> found, Path folder) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        if (name.startsWith(".") || name.equals(LOCK)) {
          continue;
        }
        if (Files.isRegularFile(entry)) {
          found.add(directory.relativize(entry));
        } else if (folder.equals(directory)
            && Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
          addTo(found, entry);
        }
      }
    }
  }

  /** Erases all files of this directory and deletes it, if it exists. */
  void eraseDirectory() throws IOException {
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
          OwnerOnlyFile.erase(file);
        } else {
          Files.delete(file);
        }
      }
    }
    Files.delete(directory);
  }

  /**
   * Keys of retired CAs, such as {@code ca.key.20261124-093000.pem}, which earlier releases kept.
   */
  List<Path> retiredKeys() throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> keys = Files.newDirectoryStream(directory, "ca.key.[0-9]*.pem")) {
      keys.forEach(found::add);
    }
    return found;
  }
}
