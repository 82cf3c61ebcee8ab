package org.tlsuplift.server.authority;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.tlsuplift.proxy.ca.CaSettings;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.ca.Provenance;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.tls.chain.Fingerprint;
import org.tlsuplift.server.process.LockFile;
import org.tlsuplift.server.process.OwnerOnlyFile;

/**
 * Replaces a CA without a gap: the next CA is staged, installed on the devices, and activated.
 *
 * <p>At most one CA is kept in addition to the signing CA, in its own directory: {@code staged}
 * before the activation, {@code previous} after it. Only {@link #activate} and {@link #undo} change
 * the signing CA. An activation copies the files instead of moving them, and deletes last. So if
 * the process is killed at any moment, one complete CA signs (the old or the new one), and the
 * other is kept.
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

  /** The result of {@link #undo}. */
  public enum Undone {
    /** The staged CA was erased; the same CA signs as before. */
    DROPPED,
    /** The previous CA signs again, and the CA that signed is staged. */
    WENT_BACK
  }

  /**
   * The CA that is kept in a role, if there is one.
   *
   * @throws OperatorException when this CA exists but cannot be used
   */
  public Optional<KeptCa> kept(KeptCa.Role role) throws OperatorException {
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
   * Makes the next CA. The current CA need not be intact, and keeps signing.
   *
   * @throws OperatorException when there is no CA to replace, when another CA is already kept, or
   *     when the next CA cannot be made
   */
  public KeptCa stage(CaSettings settings, Consumer<String> progress) throws OperatorException {
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
                      Fingerprint.sha256(certificate)));
          return kept.find(KeptCa.Role.STAGED).orElseThrow();
        });
  }

  /**
   * Makes the staged CA sign, and keeps the CA that signed before.
   *
   * @return the CA that signs now
   * @throws OperatorException when no CA is staged, when it cannot be used, or when a previous CA
   *     is still kept; the signing CA then stays the same
   */
  public IssuingCa activate(Consumer<String> progress) throws OperatorException {
    requireCa();
    return writing(
        progress,
        () -> {
          refuseBesidePrevious("activate");
          if (kept.find(KeptCa.Role.STAGED).isEmpty()) {
            throw new OperatorException(
                "no CA is staged in %s; make one with '%s'"
                    .formatted(files.directory(), provenance.command("stage")));
          }
          kept.exchange(KeptCa.Role.STAGED, KeptCa.Role.PREVIOUS, progress);
          return store.read();
        });
  }

  /**
   * Undoes the last step. It erases a staged CA. If none is staged, it makes the previous CA sign
   * again and stages the CA that signed.
   *
   * @throws OperatorException when there is nothing to undo, or the previous CA cannot be used
   */
  public Undone undo(Consumer<String> progress) throws OperatorException {
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
            throw new OperatorException(
                "there is nothing to undo in %s: no CA is staged, and none is kept from before"
                    .formatted(files.directory()));
          }
          kept.exchange(KeptCa.Role.PREVIOUS, KeptCa.Role.STAGED, progress);
          return Undone.WENT_BACK;
        });
  }

  /**
   * Erases the key of the previous CA, and keys that earlier releases kept. The certificate of the
   * previous CA is kept under a dated name, so that it can be removed from devices.
   *
   * @throws OperatorException when there is no such key
   */
  public void retire(Consumer<String> progress) throws OperatorException {
    requireCa();
    var unused =
        writing(
            progress,
            () -> {
              List<Path> retired = files.retiredKeys();
              boolean previous = kept.isKept(KeptCa.Role.PREVIOUS);
              if (!previous && retired.isEmpty()) {
                throw new OperatorException(
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
      throws IOException, OperatorException {
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

  private void requireCa() throws OperatorException {
    if (!files.exist() && !files.areUnfinished() && !kept.isKept(KeptCa.Role.STAGED)) {
      throw new OperatorException(
          "%s does not exist; start TLS Uplift once to create %s"
              .formatted(files.certificate(), provenance.description()));
    }
  }

  /** First removes the remains of a killed process. */
  private <T> T writing(Consumer<String> progress, LockFile.Work<T, RuntimeException> work)
      throws OperatorException {
    return store.writing(
        () -> {
          store.finish(progress);
          kept.tidy();
          return work.run();
        });
  }

  private void refuseToStage() throws IOException, OperatorException {
    Optional<KeptCa> staged = kept.find(KeptCa.Role.STAGED);
    if (staged.isPresent()) {
      throw new OperatorException(
          "a CA is staged already, since %s; when the devices have it, run '%s', or drop it with '%s'; SHA-256 %s"
              .formatted(
                  staged.get().since(),
                  provenance.command("activate"),
                  provenance.command("undo"),
                  staged.get().sha256()));
    }
    refuseBesidePrevious("stage");
  }

  /** Only one old key is kept, because each one must be kept safe, and undo has one target. */
  private void refuseBesidePrevious(String verb) throws OperatorException {
    if (kept.isKept(KeptCa.Role.PREVIOUS)) {
      throw new OperatorException(
          "%s still holds the key of the previous CA; erase it with '%s', then run '%s' again"
              .formatted(
                  files.kept(KeptCa.Role.PREVIOUS).directory(),
                  provenance.command("retire"),
                  provenance.command(verb)));
    }
  }
}
