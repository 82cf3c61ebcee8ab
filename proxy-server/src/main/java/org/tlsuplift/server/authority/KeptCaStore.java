package org.tlsuplift.server.authority;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.Consumer;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.ca.Provenance;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.process.FileModes;
import org.tlsuplift.server.process.OwnerOnlyFile;

/**
 * The directories of the CAs that are kept in addition to the signing CA.
 *
 * <p>A directory under its own name is complete, because it is made and erased under a name that
 * ends in {@code .new}. A kept CA that equals the signing CA is the copy of an interrupted
 * exchange, and is ignored. All methods must be called under the lock of the store.
 */
final class KeptCaStore {
  private final CaStore store;
  private final CaFiles files;
  private final Provenance provenance;

  KeptCaStore(CaStore store, CaFiles files, Provenance provenance) {
    this.store = store;
    this.files = files;
    this.provenance = provenance;
  }

  void tidy() throws IOException {
    for (KeptCa.Role role : KeptCa.Role.values()) {
      if (Files.isDirectory(files.kept(role).directory()) && !isKept(role)) {
        drop(role);
      }
    }
  }

  Optional<KeptCa> find(KeptCa.Role role) throws IOException, OperatorException {
    if (!isKept(role)) {
      return Optional.empty();
    }
    CaFiles kept = files.kept(role);
    CaStore.requirePrivate(kept.directory(), "700");
    String remedy =
        switch (role) {
          case STAGED -> "drop it with '" + provenance.command("undo") + "'";
          case PREVIOUS -> "erase it with '" + provenance.command("retire") + "'";
        };
    IssuingCa ca = store.read(kept.pair(), provenance.withRemedy(remedy));
    return Optional.of(
        new KeptCa(
            role,
            ca,
            Files.getLastModifiedTime(kept.certificate())
                .toInstant()
                .truncatedTo(ChronoUnit.SECONDS),
            kept.certificate()));
  }

  /** Whether a CA other than the signing CA is kept in a role. */
  boolean isKept(KeptCa.Role role) {
    CaFiles kept = files.kept(role);
    try {
      return Files.isDirectory(kept.directory())
          && (!Files.exists(kept.certificate())
              || !Files.exists(files.complete().certificate())
              || Files.mismatch(kept.certificate(), files.complete().certificate()) >= 0);
    } catch (IOException unreadable) {
      // Reading this CA later fails with the reason.
      return true;
    }
  }

  /**
   * Exchanges the signing CA for a kept one. The other copy is deleted only after the last file has
   * its name.
   *
   * @param from the role of the CA that will sign
   * @param to the new role of the CA that signs now
   */
  void exchange(KeptCa.Role from, KeptCa.Role to, Consumer<String> progress)
      throws IOException, OperatorException {
    CaFiles.Pair next = files.kept(from).pair();
    keepPresent(to, progress);
    try {
      files.create(files.newKey(), Files.readAllBytes(next.key()));
      files.create(files.newCertificate(), Files.readAllBytes(next.certificate()));
      OwnerOnlyFile.force(files.directory());
    } catch (IOException failed) {
      files.discardNew();
      throw failed;
    }
    files.install();
    OwnerOnlyFile.force(files.directory());
    drop(from);
  }

  private void keepPresent(KeptCa.Role to, Consumer<String> progress) throws IOException {
    CaFiles.Pair present = files.pair();
    if (!present.belongsTogether()) {
      progress.accept(
          "the files of the CA that signed do not belong together: there is no way back to it");
      store.keepCertificate(present.certificate(), progress);
      return;
    }
    CaFiles kept = files.kept(to);
    CaFiles copy = begin(kept);
    files.create(copy.key(), Files.readAllBytes(present.key()));
    files.create(copy.certificate(), Files.readAllBytes(present.certificate()));
    publish(copy, kept);
  }

  /** An empty directory that gets its name when it is complete. */
  CaFiles begin(CaFiles place) throws IOException {
    CaFiles unfinished = place.unfinished();
    unfinished.eraseDirectory();
    FileModes.directory(unfinished.directory(), FileModes.Readers.OWNER);
    FileModes.giveTo(files.directory(), unfinished.directory());
    return unfinished;
  }

  void publish(CaFiles unfinished, CaFiles place) throws IOException {
    Files.setLastModifiedTime(unfinished.certificate(), FileTime.from(store.now()));
    OwnerOnlyFile.force(unfinished.directory());
    OwnerOnlyFile.move(unfinished.directory(), place.directory());
    OwnerOnlyFile.force(files.directory());
  }

  /** Renames the directory first, so that no process reads a part of it. */
  void drop(KeptCa.Role role) throws IOException {
    CaFiles kept = files.kept(role);
    CaFiles unfinished = kept.unfinished();
    unfinished.eraseDirectory();
    OwnerOnlyFile.move(kept.directory(), unfinished.directory());
    unfinished.eraseDirectory();
  }
}
