package org.tlsuplift.proxy.ca;

import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
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
  private final List<CompletableFuture<LeafMint>> mints = new ArrayList<>();
  private final LeafCache usual;
  private final @Nullable LeafCache withEcKey;

  /**
   * Starts making the keys that all leaves share, which takes up to half a second; the first leaves
   * wait for it. They stay in memory.
   *
   * @param executor makes the keys and signs, outside the event loops and in this order; its queue
   *     limits the waiting requests, and a request that it rejects is reported as unavailable
   * @param onMinted called after each signature, on the executor; fast, never throws
   */
  public LocalCertificateAuthority(
      IssuingCa ca, LeafSettings settings, Executor executor, Runnable onMinted) {
    this(ca, settings, executor, onMinted, null, Clock.systemUTC());
  }

  /**
   * @param leafKey null to make one
   */
  LocalCertificateAuthority(
      IssuingCa ca,
      LeafSettings settings,
      Executor executor,
      Runnable onMinted,
      @Nullable KeyPair leafKey,
      Clock clock) {
    if (settings.isWeak() && !ca.provenance().mayBeWeak()) {
      throw new IllegalArgumentException(
          ca.provenance().description() + " must not sign weak leaves");
    }
    this.ca = ca;
    this.form = settings.form();
    Function<CompletableFuture<KeyPair>, LeafCache> cache =
        key -> {
          CompletableFuture<LeafMint> mint =
              key.thenApply(made -> new LeafMint(ca, settings, made, clock));
          mints.add(mint);
          return new LeafCache(ca, settings, mint, executor, onMinted, clock);
        };
    this.usual =
        cache.apply(
            leafKey == null
                ? started(form.keyAlgorithm(), executor)
                : CompletableFuture.completedFuture(leafKey));
    this.withEcKey =
        settings.alsoEc() ? cache.apply(started(KeyAlgorithm.EC_P256, executor)) : null;
  }

  private static CompletableFuture<KeyPair> started(KeyAlgorithm algorithm, Executor executor) {
    try {
      return CompletableFuture.supplyAsync(algorithm::generate, executor);
    } catch (RejectedExecutionException full) {
      return CompletableFuture.completedFuture(algorithm.generate());
    }
  }

  /**
   * Waits until the keys of the leaves exist.
   *
   * @throws IllegalStateException if this Java cannot make them
   */
  public void awaitKeys() {
    for (CompletableFuture<LeafMint> mint : mints) {
      try {
        var unused = mint.join();
      } catch (CompletionException failed) {
        throw new IllegalStateException("the keys of leaves cannot be made", failed.getCause());
      }
    }
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
