package org.tlsuplift.server.authority;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.ca.LocalCertificateAuthority;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.tls.CertificateSource;
import org.tlsuplift.proxy.tls.Leaf;
import org.tlsuplift.proxy.tls.chain.Fingerprint;

/**
 * Signs with a CA that the operator may replace while the daemon runs.
 *
 * <p>New handshakes use the CA in the files; open sessions keep their certificates. Devices cannot
 * resume TLS sessions from the old CA, because each leaf has its own TLS context. If the files are
 * invalid, the current CA stays in use. Any thread may request leaves; one thread checks the files.
 */
public final class WatchedAuthority implements CertificateSource {
  private final CaSource source;
  private final Executor minting;
  private final Runnable onMinted;
  private final CaChangeLog changes;
  private volatile LocalCertificateAuthority signing;
  private volatile KeptCas kept;

  private WatchedAuthority(
      CaSource source,
      Executor minting,
      Runnable onMinted,
      LocalCertificateAuthority signing,
      KeptCas kept) {
    this.source = source;
    this.minting = minting;
    this.onMinted = onMinted;
    this.changes = new CaChangeLog(source);
    this.signing = signing;
    this.kept = kept;
  }

  /**
   * Loads the CA, or creates it if it is missing.
   *
   * @param before the same authority under the configuration before, or null; if the CA and the
   *     form of its leaves are the same, the leaves stay
   * @param progress receives lines for the operator
   * @throws OperatorException if the CA cannot be loaded or created
   */
  static WatchedAuthority open(
      CaSource source,
      Executor minting,
      Runnable onMinted,
      Consumer<String> progress,
      @Nullable WatchedAuthority before)
      throws OperatorException {
    IssuingCa ca = source.open(progress);
    boolean same =
        before != null
            && ca.certificate().equals(before.ca().certificate())
            && source.leafSettings().equals(before.source.leafSettings());
    return new WatchedAuthority(
        source,
        minting,
        onMinted,
        before != null && same ? before.signing : authority(source, ca, minting, onMinted),
        KeptCas.of(source));
  }

  private static LocalCertificateAuthority authority(
      CaSource source, IssuingCa ca, Executor minting, Runnable onMinted) {
    return new LocalCertificateAuthority(ca, source.leafSettings(), minting, onMinted);
  }

  /** Waits until the keys of leaves exist. */
  void awaitKeys() {
    signing.awaitKeys();
  }

  /** The CA that signs now. */
  IssuingCa ca() {
    return signing.ca();
  }

  KeptCas kept() {
    return kept;
  }

  /** The facts to log at the start, as lines for the operator. */
  List<String> notes(Instant now) {
    return kept.notes(source, now);
  }

  /**
   * Differences between the CA and the configuration, and the reminders, as lines for the operator.
   */
  public List<String> warnings(Instant now) {
    List<String> all = new ArrayList<>(source.warnings(ca()));
    all.addAll(kept.warnings(source, now));
    return all;
  }

  /** Reminders of keys to erase and of files to repair, as lines for the operator. */
  public List<String> reminders(Instant now) {
    return kept.warnings(source, now);
  }

  /**
   * The files that change when a CA is staged, activated or retired; none for the operator's own
   * CA.
   */
  public List<Path> files() {
    return source.watched();
  }

  /**
   * Reads the files, and signs with their CA from now on. Blocks for disk reads, and for up to half
   * a second to create a new key for leaves.
   *
   * @return whether the files are valid
   */
  public synchronized boolean look() {
    try {
      Optional<IssuingCa> found = source.find();
      if (found.isEmpty()) {
        changes.unusable(source.file() + " is missing; restore it from a backup");
        return false;
      }
      KeptCas beside = KeptCas.of(source);
      changes.kept(kept, beside, ca());
      boolean another = !found.get().certificate().equals(ca().certificate());
      if (another) {
        LocalCertificateAuthority next = authority(source, found.get(), minting, onMinted);
        next.awaitKeys();
        signing = next;
      }
      kept = beside;
      if (another) {
        changes.activated(found.get(), beside);
      }
      changes.usable();
      return true;
    } catch (OperatorException unusable) {
      changes.unusable(unusable.getMessage());
      return false;
    }
  }

  /** Whether the operator provided the CA, which then cannot be staged. */
  public boolean isOperators() {
    return source.watched().isEmpty();
  }

  /** A text that changes when another CA signs or is kept. */
  public synchronized String state() {
    return Stream.of(
            Optional.of(Fingerprint.sha256(ca().anchor())),
            kept.staged().map(KeptCa::sha256),
            kept.previous().map(KeptCa::sha256))
        .map(each -> each.orElse("none"))
        .collect(Collectors.joining(" "));
  }

  /**
   * Takes a step of the replacement, and signs with the result from now on. Blocks as {@link
   * #look}, and while a key is made.
   *
   * @param expected the {@link #state} that a person has seen
   * @return what holds now, for the audit log
   * @throws OperatorException if the state is another one, or the step cannot be taken
   */
  public synchronized String take(CaStep step, String expected) throws OperatorException {
    look();
    if (!expected.equals(state())) {
      throw new OperatorException(
          "the CA has changed since this page was opened; open it again and check it");
    }
    try {
      return step.take(source, line -> {});
    } finally {
      look();
    }
  }

  @Override
  public CompletionStage<Leaf> leafFor(List<String> names) {
    return signing.leafFor(names);
  }

  @Override
  public CompletionStage<Leaf> ecLeafFor(List<String> names) {
    return signing.ecLeafFor(names);
  }

  @Override
  public boolean hasEcLeaves() {
    return signing.hasEcLeaves();
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
