package org.tlsuplift.server.daemon.ca;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.tlsuplift.proxy.ca.CaException;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.ca.KeptCa;
import org.tlsuplift.proxy.context.CertificateSources;
import org.tlsuplift.proxy.tls.CertificateSource;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.metrics.ServerMetrics;

/** The certificate authorities of a running daemon, and the threads that sign for them. */
public final class CertificateAuthorities implements AutoCloseable {
  /**
   * Signing a leaf takes a millisecond or some: two threads mint for hundreds of new names a
   * second.
   */
  private static final int MINTING_THREADS = 2;

  /** More names at once do not come from devices; a device that is not served tries again. */
  private static final int WAITING_FOR_MINTING = 1024;

  private final ThreadPoolExecutor minting = mintingThreads();
  private final AtomicLong minted = new AtomicLong();
  private final List<String> warnings = new ArrayList<>();
  private final WatchedAuthority common;
  private final Map<String, WatchedAuthority> own = new LinkedHashMap<>();

  /**
   * Loads all of them, and makes what is to be made.
   *
   * @param without the names of listeners that are not opened, and need none
   * @param progress told in lines for the operator
   * @throws CaException when one cannot be loaded or made
   */
  public CertificateAuthorities(ServerConfig config, Set<String> without, Consumer<String> progress)
      throws CaException {
    common = open(CaSource.common(config), progress);
    for (ListenerCaSource source : CaSource.ofListeners(config)) {
      if (!without.contains(source.listener())) {
        own.put(source.listener(), open(source, progress));
      }
    }
  }

  private WatchedAuthority open(CaSource source, Consumer<String> progress) throws CaException {
    WatchedAuthority authority =
        WatchedAuthority.open(source, minting, minted::incrementAndGet, progress);
    Instant now = Instant.now();
    warnings.addAll(authority.warnings(now));
    authority.notes(now).forEach(progress);
    return authority;
  }

  /** What does not fit the configuration, in lines for the operator. */
  public List<String> warnings() {
    return List.copyOf(warnings);
  }

  /** The one that signs for all listeners without one of their own. */
  public IssuingCa common() {
    return common.ca();
  }

  /** Those that sign for single listeners, by their names, in the order of the configuration. */
  public Map<String, IssuingCa> own() {
    Map<String, IssuingCa> all = new LinkedHashMap<>();
    own.forEach((listener, authority) -> all.put(listener, authority.ca()));
    return all;
  }

  /** Those beside the one for all listeners without one of their own. */
  public KeptCas kept() {
    return common.kept();
  }

  /** Those beside the one of a listener that has its own. */
  public KeptCas kept(String listener) {
    WatchedAuthority authority = own.get(listener);
    return authority == null ? KeptCas.NONE : authority.kept();
  }

  /** All of them, for the thread that looks at their files. */
  public List<WatchedAuthority> watched() {
    return Stream.concat(Stream.of(common), own.values().stream()).toList();
  }

  /** What listeners show to devices. */
  public CertificateSources sources() {
    return new CertificateSources(common, Map.<String, CertificateSource>copyOf(own));
  }

  public void observe(ServerMetrics metrics) {
    metrics.observeCertificates(() -> common.ca().expiresAt(), minted::get);
    own.forEach(
        (listener, authority) ->
            metrics.observeListenerAuthority(listener, () -> authority.ca().expiresAt()));
    metrics.observeKeptAuthorities(() -> oldest(KeptCas::staged), () -> oldest(KeptCas::previous));
  }

  /** Since when the oldest of them is kept. */
  private Optional<Instant> oldest(Function<KeptCas, Optional<KeptCa>> which) {
    return watched().stream()
        .map(authority -> which.apply(authority.kept()))
        .flatMap(Optional::stream)
        .map(KeptCa::since)
        .min(Comparator.naturalOrder());
  }

  @Override
  public void close() {
    minting.shutdownNow();
  }

  private static ThreadPoolExecutor mintingThreads() {
    ThreadPoolExecutor minting =
        new ThreadPoolExecutor(
            MINTING_THREADS,
            MINTING_THREADS,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(WAITING_FOR_MINTING),
            new DefaultThreadFactory("uplift-mint", true));
    minting.allowCoreThreadTimeOut(true);
    return minting;
  }
}
