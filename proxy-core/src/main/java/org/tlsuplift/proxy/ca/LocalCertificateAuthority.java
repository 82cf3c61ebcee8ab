package org.tlsuplift.proxy.ca;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.tls.CertificateSource;
import org.tlsuplift.proxy.tls.Leaf;

/**
 * Makes a leaf for each list of names on demand, and keeps a limited number of leaves; with a
 * second key for devices that support P-256. Thread-safe. Never blocks, because the executor signs.
 */
public final class LocalCertificateAuthority implements CertificateSource {
  private final IssuingCa ca;
  private final LeafForm form;
  private final Executor executor;
  private final Runnable onMinted;
  private final Clock clock;
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
    this.executor = executor;
    this.onMinted = onMinted;
    this.clock = clock;
    this.usual =
        new LeafCache(
            settings,
            leafKey == null
                ? started(form.keyAlgorithm(), executor)
                : CompletableFuture.completedFuture(leafKey));
    this.withEcKey =
        settings.alsoEc() ? new LeafCache(settings, started(KeyAlgorithm.EC_P256, executor)) : null;
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
    usual.awaitKey();
    if (withEcKey != null) {
      withEcKey.awaitKey();
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

  /**
   * The leaves of a CA that share one key.
   *
   * <p>Simultaneous requests for the same names share one signature. After a failure the next
   * request tries again. A leaf is replaced after half of its remaining life by the wall clock,
   * which devices also use. Thread-safe. Never blocks, because the executor signs.
   */
  private final class LeafCache {
    private final CompletableFuture<LeafMint> mint;
    private final AsyncCache<List<String>, LeafMint.Minted> leaves;

    /**
     * Creates an empty cache.
     *
     * @param key completed by the executor before it runs what is given to it later
     */
    LeafCache(LeafSettings settings, CompletableFuture<KeyPair> key) {
      this.mint = key.thenApply(made -> new LeafMint(ca, settings, made, clock));
      // Eviction is a few steps on lists, which is cheaper here than on another thread.
      this.leaves =
          Caffeine.newBuilder().maximumSize(settings.cached()).executor(Runnable::run).buildAsync();
    }

    /**
     * Waits until the key exists.
     *
     * @throws IllegalStateException if this Java cannot make it
     */
    void awaitKey() {
      try {
        var unused = mint.join();
      } catch (CompletionException failed) {
        throw new IllegalStateException("the keys of leaves cannot be made", failed.getCause());
      }
    }

    CompletionStage<Leaf> leafFor(List<String> names) {
      CompletableFuture<LeafMint.Minted> cached = leaves.getIfPresent(names);
      if (cached != null && !needsRenewal(cached)) {
        return leafOf(cached);
      }
      try {
        return leafOf(current(LeafNames.check(names, ca).in(form)));
      } catch (OperatorException refused) {
        return CompletableFuture.failedStage(refused);
      } catch (RejectedExecutionException full) {
        return CompletableFuture.failedStage(
            new OperatorException(
                ("no certificate for %s: too many are being signed, or TLS Uplift is stopping; the "
                        + "device should try again")
                    .formatted(HostPort.normalise(names.get(0))),
                full));
      }
    }

    private CompletableFuture<LeafMint.Minted> current(LeafNames names) {
      CompletableFuture<LeafMint.Minted> found =
          leaves.get(names.names(), (key, unused) -> start(names, null));
      if (!needsRenewal(found)) {
        return found;
      }
      // The first of many callers replaces the leaf; the others find the new one.
      return leaves
          .asMap()
          .compute(
              names.names(),
              (key, now) ->
                  now == null || needsRenewal(now)
                      ? start(names, now == null ? null : now.join())
                      : now);
    }

    /**
     * Signs on the executor.
     *
     * @param before the leaf to replace; it stays in use while it is valid if the signature fails
     */
    private CompletableFuture<LeafMint.Minted> start(
        LeafNames names, LeafMint.@Nullable Minted before) {
      CompletableFuture<LeafMint.Minted> result = new CompletableFuture<>();
      try {
        executor.execute(() -> mintInto(result, names, before));
      } catch (RejectedExecutionException full) {
        if (before == null || !isValid(before)) {
          throw full;
        }
        result.complete(before);
      }
      return result;
    }

    private void mintInto(
        CompletableFuture<LeafMint.Minted> result,
        LeafNames names,
        LeafMint.@Nullable Minted before) {
      try {
        LeafMint.Minted minted = mint.join().mint(names);
        onMinted.run();
        result.complete(minted);
      } catch (OperatorException | RuntimeException | Error failed) {
        if (before != null && isValid(before)) {
          result.complete(before);
        } else {
          // An open future would make every later device with this name wait.
          result.completeExceptionally(unavailable(names, failed));
        }
      }
    }

    private static OperatorException unavailable(LeafNames names, Throwable failed) {
      return failed instanceof OperatorException known
          ? known
          : new OperatorException(
              "no certificate for " + names.first() + ": signing failed; see the cause", failed);
    }

    private boolean isValid(LeafMint.Minted minted) {
      Instant end = minted.leaf().chain().get(0).getNotAfter().toInstant();
      return clock.instant().isBefore(end);
    }

    private boolean needsRenewal(CompletableFuture<LeafMint.Minted> future) {
      return future.isDone()
          && !future.isCompletedExceptionally()
          && !clock.instant().isBefore(future.join().renewAt());
    }

    /** A separate stage for each caller, so that no caller cancels or times out the shared one. */
    private static CompletionStage<Leaf> leafOf(CompletableFuture<LeafMint.Minted> shared) {
      if (shared.isDone() && !shared.isCompletedExceptionally()) {
        return CompletableFuture.completedFuture(shared.join().leaf());
      }
      CompletableFuture<Leaf> own = new CompletableFuture<>();
      var unused =
          shared.whenComplete(
              (minted, failure) -> {
                if (failure == null) {
                  own.complete(minted.leaf());
                } else {
                  own.completeExceptionally(failure);
                }
              });
      return own;
    }
  }
}
