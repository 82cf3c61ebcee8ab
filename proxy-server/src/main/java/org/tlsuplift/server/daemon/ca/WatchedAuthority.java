package org.tlsuplift.server.daemon.ca;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.tlsuplift.proxy.ca.CaException;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.ca.LocalCertificateAuthority;
import org.tlsuplift.proxy.tls.CertificateSource;
import org.tlsuplift.proxy.tls.Leaf;

/**
 * An authority whose CA may be exchanged while the daemon runs.
 *
 * <p>New handshakes use the CA that its files hold; sessions that run keep what they have. A
 * session under the old CA is not resumed: each leaf has a TLS context of its own. Files that do
 * not fit leave the CA that signs in use. Any thread may ask for leaves; one thread looks.
 */
public final class WatchedAuthority implements CertificateSource {
  private final CaSource source;
  private final Executor minting;
  private final Runnable onMinted;
  private final CaChangeLog changes;
  private volatile LocalCertificateAuthority signing;
  private volatile KeptCas kept;

  private WatchedAuthority(
      CaSource source, Executor minting, Runnable onMinted, IssuingCa ca, KeptCas kept) {
    this.source = source;
    this.minting = minting;
    this.onMinted = onMinted;
    this.changes = new CaChangeLog(source);
    this.signing = authority(source, ca, minting, onMinted);
    this.kept = kept;
  }

  /**
   * Opens it.
   *
   * @param progress told in lines for the operator
   * @throws CaException when it cannot be loaded or made
   */
  static WatchedAuthority open(
      CaSource source, Executor minting, Runnable onMinted, Consumer<String> progress)
      throws CaException {
    IssuingCa ca = source.open(progress);
    return new WatchedAuthority(source, minting, onMinted, ca, KeptCas.of(source));
  }

  private static LocalCertificateAuthority authority(
      CaSource source, IssuingCa ca, Executor minting, Runnable onMinted) {
    return new LocalCertificateAuthority(ca, source.leafSettings(), minting, onMinted);
  }

  /** The CA that signs now. */
  IssuingCa ca() {
    return signing.ca();
  }

  KeptCas kept() {
    return kept;
  }

  /** The facts to log at the start. */
  List<String> notes(Instant now) {
    return kept.notes(source, now);
  }

  /** What does not fit the configuration, or should not stay so, in lines for the operator. */
  public List<String> warnings(Instant now) {
    List<String> all = new ArrayList<>(source.warnings(ca()));
    all.addAll(kept.warnings(source, now));
    return all;
  }

  /** What should not stay so, in lines for the operator. */
  public List<String> reminders(Instant now) {
    return kept.warnings(source, now);
  }

  /** The files that change when another CA signs or is kept; none for the operator's. */
  public List<Path> files() {
    return source.watched();
  }

  /**
   * Reads the files, and signs with the CA that they hold. Blocks on the disk, and for up to half a
   * second on a new key for leaves.
   *
   * @return whether they could be used
   */
  public boolean look() {
    try {
      Optional<IssuingCa> found = source.find();
      if (found.isEmpty()) {
        changes.unusable(source.file() + " is gone; restore it from a backup");
        return false;
      }
      KeptCas beside = KeptCas.of(source);
      changes.kept(kept, beside, ca());
      boolean another = !found.get().certificate().equals(ca().certificate());
      if (another) {
        signing = authority(source, found.get(), minting, onMinted);
      }
      kept = beside;
      if (another) {
        changes.activated(found.get(), beside);
      }
      changes.usable();
      return true;
    } catch (CaException unusable) {
      changes.unusable(String.valueOf(unusable.getMessage()));
      return false;
    }
  }

  @Override
  public CompletionStage<Leaf> leafFor(List<String> names) {
    return signing.leafFor(names);
  }

  @Override
  public boolean maySign(String name) {
    return signing.maySign(name);
  }

  @Override
  public boolean oneName() {
    return signing.oneName();
  }
}
