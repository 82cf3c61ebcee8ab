package org.tlsuplift.proxy.ca;

import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.tls.CertificateSource;
import org.tlsuplift.proxy.tls.Leaf;

/**
 * Makes a leaf for each list of names on demand, and keeps a limited number of leaves; with a
 * second key for devices that support P-256. Thread-safe. Never blocks, because the executor signs.
 */
public final class LocalCertificateAuthority implements CertificateSource {
  private final IssuingCa ca;
  private final LeafForm form;
  private final LeafCache usual;
  private final @Nullable LeafCache withEcKey;

  /**
   * Makes the keys that all leaves share, which takes up to half a second. They stay in memory.
   *
   * @param executor signs outside the event loops; its queue limits the waiting requests, and a
   *     request that it rejects is reported as unavailable
   * @param onMinted called after each signature, on the executor; fast, never throws
   */
  public LocalCertificateAuthority(
      IssuingCa ca, LeafSettings settings, Executor executor, Runnable onMinted) {
    this(
        ca,
        settings,
        executor,
        onMinted,
        settings.form().keyAlgorithm().generate(),
        Clock.systemUTC());
  }

  LocalCertificateAuthority(
      IssuingCa ca,
      LeafSettings settings,
      Executor executor,
      Runnable onMinted,
      KeyPair leafKey,
      Clock clock) {
    if (settings.isWeak() && !ca.provenance().mayBeWeak()) {
      throw new IllegalArgumentException(
          ca.provenance().description() + " must not sign weak leaves");
    }
    this.ca = ca;
    this.form = settings.form();
    this.usual = cache(ca, settings, leafKey, executor, onMinted, clock);
    this.withEcKey =
        settings.alsoEc()
            ? cache(ca, settings, KeyAlgorithm.EC_P256.generate(), executor, onMinted, clock)
            : null;
  }

  private static LeafCache cache(
      IssuingCa ca,
      LeafSettings settings,
      KeyPair key,
      Executor executor,
      Runnable onMinted,
      Clock clock) {
    LeafMint mint = new LeafMint(ca, settings, key, clock);
    return new LeafCache(ca, settings, mint, executor, onMinted, clock);
  }

  public X509Certificate certificate() {
    return ca.certificate();
  }

  public IssuingCa ca() {
    return ca;
  }

  @Override
  public boolean maySign(String name) {
    return ca.permits(name);
  }

  @Override
  public boolean oneName() {
    return form.oneName();
  }

  @Override
  public CompletionStage<Leaf> leafFor(List<String> names) {
    return usual.leafFor(names);
  }

  @Override
  public CompletionStage<Leaf> ecLeafFor(List<String> names) {
    return withEcKey == null ? leafFor(names) : withEcKey.leafFor(names);
  }

  @Override
  public boolean hasEcLeaves() {
    return withEcKey != null;
  }
}
