package org.tlsuplift.server.authority;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.context.CertificateSources;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.route.SignableNames;
import org.tlsuplift.proxy.tls.CertificateSource;
import org.tlsuplift.server.background.Threads;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.metrics.Meters;
import org.tlsuplift.server.metrics.MetricNames;

/** The CAs of a running daemon, and the threads that sign for them. Thread-safe. */
public final class CertificateAuthorities implements AutoCloseable {
  /**
   * Signing a leaf takes a few milliseconds, so two threads sign for hundreds of new names per
   * second.
   */
  private static final int MINTING_THREADS = 2;

  /**
   * The longest queue of names. Devices do not request more at once, and a refused device tries
   * again.
   */
  private static final int WAITING_FOR_MINTING = 1024;

  private final ExecutorService minting;
  private final AtomicLong minted;
  private final List<String> warnings = new ArrayList<>();
  private final WatchedAuthority common;
  private final Map<String, WatchedAuthority> own = new LinkedHashMap<>();

  private CertificateAuthorities(
      ServerConfig config,
      Consumer<String> progress,
      ExecutorService minting,
      AtomicLong minted,
      @Nullable CertificateAuthorities before)
      throws OperatorException {
    this.minting = minting;
    this.minted = minted;
    Set<String> without = ListenerExpiry.over(config);
    common = open(CaSource.common(config), progress, before == null ? null : before.common);
    for (ListenerCaSource source : CaSource.ofListeners(config)) {
      if (!without.contains(source.listener())) {
        own.put(
            source.listener(),
            open(source, progress, before == null ? null : before.own.get(source.listener())));
      }
    }
    if (before != null) {
      awaitKeys();
    }
  }

  /**
   * Loads all CAs, and creates the missing ones. Listeners that stay closed need none. Other
   * threads make the keys of leaves meanwhile and afterwards.
   *
   * @param progress receives lines for the operator
   * @throws OperatorException if a CA cannot be loaded or created
   */
  public static CertificateAuthorities open(ServerConfig config, Consumer<String> progress)
      throws OperatorException {
    ExecutorService minting = Threads.upTo(MINTING_THREADS, WAITING_FOR_MINTING, "uplift-mint");
    boolean opened = false;
    try {
      CertificateAuthorities all =
          new CertificateAuthorities(config, progress, minting, new AtomicLong(), null);
      opened = true;
      return all;
    } finally {
      if (!opened) {
        minting.shutdownNow();
      }
    }
  }

  /** Waits until the keys of leaves exist. */
  public void awaitKeys() {
    watched().forEach(WatchedAuthority::awaitKeys);
  }

  /**
   * Loads the CAs of another configuration. CAs that stay keep their leaves, and both share the
   * threads, so only one of them must be closed.
   *
   * @param progress receives lines for the operator
   * @throws OperatorException if a CA cannot be loaded or created
   */
  public CertificateAuthorities with(ServerConfig next, Consumer<String> progress)
      throws OperatorException {
    return new CertificateAuthorities(next, progress, minting, minted, this);
  }

  private WatchedAuthority open(
      CaSource source, Consumer<String> progress, @Nullable WatchedAuthority before)
      throws OperatorException {
    WatchedAuthority authority =
        WatchedAuthority.open(source, minting, minted::incrementAndGet, progress, before);
    Instant now = Instant.now();
    warnings.addAll(authority.warnings(now));
    authority.notes(now).forEach(progress);
    return authority;
  }

  /** Differences between the CAs and the configuration at the start, as lines for the operator. */
  public List<String> warnings() {
    return List.copyOf(warnings);
  }

  /** Warnings for the operator about names that an authority may not sign for. */
  public List<String> warnings(SignableNames names) {
    return watched().stream()
        .map(WatchedAuthority::ca)
        .flatMap(ca -> ConfiguredNames.warnings(names, ca, "run 'tls-uplift ca stage'").stream())
        .distinct()
        .toList();
  }

  /** The CA that signs for all listeners without their own CA. */
  public IssuingCa common() {
    return common.ca();
  }

  /** The CAs of single listeners by the listener's name, in the order of the configuration. */
  public Map<String, IssuingCa> own() {
    Map<String, IssuingCa> all = new LinkedHashMap<>();
    own.forEach((listener, authority) -> all.put(listener, authority.ca()));
    return all;
  }

  /** The staged and previous CAs for all listeners without their own CA. */
  public KeptCas kept() {
    return common.kept();
  }

  /** The staged and previous CAs for a listener with its own CA. */
  public KeptCas kept(String listener) {
    WatchedAuthority authority = own.get(listener);
    return authority == null ? KeptCas.NONE : authority.kept();
  }

  /**
   * A CA.
   *
   * @param listener the name of a listener with its own; empty for the CA of all others
   */
  public Optional<WatchedAuthority> of(Optional<String> listener) {
    return listener.isEmpty() ? Optional.of(common) : listener.map(own::get);
  }

  /** All CAs, for the thread that watches their files. */
  public List<WatchedAuthority> watched() {
    return Stream.concat(Stream.of(common), own.values().stream()).toList();
  }

  /** The certificates that listeners present to devices. */
  public CertificateSources sources() {
    return new CertificateSources(common, Map.<String, CertificateSource>copyOf(own));
  }

  public void observe(Meters meters) {
    meters.time(MetricNames.CA_CERTIFICATE_EXPIRY, () -> common.ca().expiresAt());
    own.forEach(
        (listener, authority) ->
            meters.time(
                MetricNames.LISTENER_CA_CERTIFICATE_EXPIRY,
                () -> authority.ca().expiresAt(),
                listener));
    meters.timeOrZero(MetricNames.CA_STAGED, () -> oldest(KeptCas::staged));
    meters.timeOrZero(MetricNames.CA_PREVIOUS_KEY, () -> oldest(KeptCas::previous));
    meters.counter(MetricNames.LEAF_CERTIFICATES_MINTED, minted::get);
  }

  /** The earliest time at which one of these CAs was staged or replaced. */
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
}
