package org.tlsuplift.proxy.ca;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.tlsuplift.proxy.keyfile.OwnerOnlyFile;

/**
 * Replaces a CA without a gap: the next one is staged, installed on the devices, and activated.
 *
 * <p>At most one CA is kept beside the one that signs, in a directory of its own: {@code staged}
 * before the activation, {@code previous} after it. Nothing but {@link #activate} and {@link #undo}
 * changes which one signs. An activation copies the files instead of moving them, and deletes last:
 * if the process is killed at any moment, one complete CA signs, the old or the new one, and the
 * other one is kept.
 *
 * <p>Blocks on the disk and on key generation: for the command line.
 */
public final class CaRotation {
  private final CaStore store;
  private final CaFiles files;
  private final Provenance provenance;
  private final KeptCaStore kept;

  CaRotation(CaStore store, CaFiles files, Provenance provenance) {
    this.store = store;
    this.files = files;
    this.provenance = provenance;
    this.kept = new KeptCaStore(store, files, provenance);
  }

  /** What {@link #undo} did. */
  public enum Undone {
    /** The staged CA was erased; the same CA signs as before. */
    DROPPED,
    /** The previous CA signs again, and the one that signed is staged. */
    WENT_BACK
  }

  /**
   * The CA that is kept in that role, if there is one.
   *
   * @throws CaException when it is there and cannot be used
   */
  public Optional<KeptCa> kept(KeptCa.Role role) throws CaException {
    return Files.isDirectory(files.directory())
        ? store.reading(() -> kept.find(role))
        : Optional.empty();
  }

  /** The files that change when another CA signs or is kept. */
  public List<Path> watched() {
    return List.of(
        files.certificate(),
        files.key(),
        files.kept(KeptCa.Role.STAGED).certificate(),
        files.kept(KeptCa.Role.PREVIOUS).certificate());
  }

  /**
   * Makes the next CA beside the present one, which need not be intact and goes on to sign.
   *
   * @throws CaException when there is none to replace, when one is kept already, or when it cannot
   *     be made
   */
  public KeptCa stage(CaSettings settings, Consumer<String> progress) throws CaException {
    requireCa();
    return writing(
        progress,
        () -> {
          refuseToStage();
          CaFiles staged = files.kept(KeptCa.Role.STAGED);
          CaFiles made = kept.begin(staged);
          X509Certificate certificate = make(settings, made, progress);
          kept.publish(made, staged);
          progress.accept(
              "staged %s, valid until %s, SHA-256 %s"
                  .formatted(
                      staged.certificate(),
                      certificate.getNotAfter().toInstant(),
                      CaExport.sha256(certificate)));
          return kept.find(KeptCa.Role.STAGED).orElseThrow();
        });
  }

  /**
   * Lets the staged CA sign, and keeps the one that signed.
   *
   * @return the one that signs now
   * @throws CaException when none is staged, it cannot be used, or one from before is still kept;
   *     the same one signs then
   */
  public IssuingCa activate(Consumer<String> progress) throws CaException {
    requireCa();
    return writing(
        progress,
        () -> {
          refuseBesidePrevious("activate");
          if (kept.find(KeptCa.Role.STAGED).isEmpty()) {
            throw new CaException(
                "no CA is staged in %s; make one with '%s'"
                    .formatted(files.directory(), provenance.command("stage")));
          }
          kept.exchange(KeptCa.Role.STAGED, KeptCa.Role.PREVIOUS, progress);
          return store.read();
        });
  }

  /**
   * Takes back the last step: erases a staged CA; without one, lets the previous CA sign again and
   * stages the one that signed.
   *
   * @throws CaException when there is nothing to take back, or the previous CA cannot be used
   */
  public Undone undo(Consumer<String> progress) throws CaException {
    requireCa();
    return writing(
        progress,
        () -> {
          if (kept.isKept(KeptCa.Role.STAGED)) {
            kept.drop(KeptCa.Role.STAGED);
            progress.accept("erased the staged CA and its key");
            return Undone.DROPPED;
          }
          if (kept.find(KeptCa.Role.PREVIOUS).isEmpty()) {
            throw new CaException(
                "there is nothing to undo in %s: no CA is staged, and none is kept from before"
                    .formatted(files.directory()));
          }
          kept.exchange(KeptCa.Role.PREVIOUS, KeptCa.Role.STAGED, progress);
          return Undone.WENT_BACK;
        });
  }

  /**
   * Erases the key of the previous CA, and keys that earlier releases kept; the certificate of the
   * previous CA is kept under a dated name, so that it can be removed from devices.
   *
   * @throws CaException when there is no such key
   */
  public void retire(Consumer<String> progress) throws CaException {
    requireCa();
    var unused =
        writing(
            progress,
            () -> {
              List<Path> retired = files.retiredKeys();
              boolean previous = kept.isKept(KeptCa.Role.PREVIOUS);
              if (!previous && retired.isEmpty()) {
                throw new CaException(
                    "%s holds no key of a previous CA: there is nothing to erase"
                        .formatted(files.directory()));
              }
              if (previous) {
                store.keepCertificate(files.kept(KeptCa.Role.PREVIOUS).certificate(), progress);
                kept.drop(KeptCa.Role.PREVIOUS);
                progress.accept("erased the key of the previous CA");
              }
              for (Path key : retired) {
                OwnerOnlyFile.erase(key);
                progress.accept("erased " + key + ", the key of a retired certificate authority");
              }
              return previous;
            });
  }

  private X509Certificate make(CaSettings settings, CaFiles place, Consumer<String> progress)
      throws IOException, CaException {
    boolean made = false;
    try {
      X509Certificate certificate =
          store.make(settings, files, place.key(), place.certificate(), progress);
      made = true;
      return certificate;
    } finally {
      if (!made) {
        place.eraseDirectory();
      }
    }
  }

  private void requireCa() throws CaException {
    if (!files.exist() && !files.areUnfinished() && !kept.isKept(KeptCa.Role.STAGED)) {
      throw new CaException(
          "%s does not exist; start TLS Uplift once to create %s"
              .formatted(files.certificate(), provenance.description()));
    }
  }

  /** Removes first what a killed process left. */
  private <T> T writing(Consumer<String> progress, StoreLock.Work<T> work) throws CaException {
    return store.writing(
        () -> {
          store.finish(progress);
          kept.tidy();
          return work.run();
        });
  }

  private void refuseToStage() throws IOException, CaException {
    Optional<KeptCa> staged = kept.find(KeptCa.Role.STAGED);
    if (staged.isPresent()) {
      throw new CaException(
          "a CA is staged already, since %s, SHA-256 %s; when the devices have it, run '%s', or drop it with '%s'"
              .formatted(
                  staged.get().since(),
                  staged.get().sha256(),
                  provenance.command("activate"),
                  provenance.command("undo")));
    }
    refuseBesidePrevious("stage");
  }

  /** Two old keys would be one too many to keep safe and to go back to. */
  private void refuseBesidePrevious(String verb) throws CaException {
    if (kept.isKept(KeptCa.Role.PREVIOUS)) {
      throw new CaException(
          "%s still holds the key of the previous CA; erase it with '%s', then run '%s' again"
              .formatted(
                  files.kept(KeptCa.Role.PREVIOUS).directory(),
                  provenance.command("retire"),
                  provenance.command(verb)));
    }
  }
}
