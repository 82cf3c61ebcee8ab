package org.tlsuplift.server.daemon.ca;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.tlsuplift.proxy.ca.CaException;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.ca.LocalCertificateAuthority;
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
  private final LocalCertificateAuthority common;
  private final Map<String, LocalCertificateAuthority> own = new LinkedHashMap<>();

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

  private LocalCertificateAuthority open(CaSource source, Consumer<String> progress)
      throws CaException {
    IssuingCa ca = source.open(progress);
    warnings.addAll(source.warnings(ca));
    return new LocalCertificateAuthority(
        ca, source.leafSettings(), minting, minted::incrementAndGet);
  }

  /** What does not fit the configuration, in lines for the operator. */
  public List<String> warnings() {
    return List.copyOf(warnings);
  }

  /** The one for all listeners without one of their own. */
  public IssuingCa common() {
    return common.ca();
  }

  /** Those of single listeners, by their names, in the order of the configuration. */
  public Map<String, IssuingCa> own() {
    Map<String, IssuingCa> all = new LinkedHashMap<>();
    own.forEach((listener, authority) -> all.put(listener, authority.ca()));
    return all;
  }

  /** What listeners show to devices. */
  public CertificateSources sources() {
    return new CertificateSources(common, Map.<String, CertificateSource>copyOf(own));
  }

  public void observe(ServerMetrics metrics) {
    metrics.observeCertificates(common.ca()::expiresAt, minted::get);
    own.forEach(
        (listener, authority) ->
            metrics.observeListenerAuthority(listener, authority.ca()::expiresAt));
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
