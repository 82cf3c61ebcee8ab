package org.tlsuplift.server.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.DeviceHandshake;
import org.tlsuplift.proxy.model.Direction;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;
import org.tlsuplift.proxy.outcome.Outcome;

/**
 * All meters of one listener, each resolved once. Thread-safe.
 *
 * <p>Most combinations of labels never occur, and each histogram has about 15 series, so this class
 * creates meters on first use. The maps are bounded, because their keys are enums and {@link
 * CipherLabel}s.
 */
final class ListenerMeters {
  private static final List<CloseReason> AT_ORIGINS =
      Arrays.stream(CloseReason.values())
          .filter(reason -> reason.side() == Outcome.Side.ORIGIN)
          .toList();
  private static final List<CloseReason> OTHER_ALERTS =
      Arrays.stream(CloseReason.values())
          .filter(reason -> reason.side() != Outcome.Side.ORIGIN && reason.alert() != null)
          .toList();

  private final AtomicInteger active = new AtomicInteger();
  private final LongAdder bytesUp = new LongAdder();
  private final LongAdder bytesDown = new LongAdder();
  private final Map<Handshake, CountedTime> handshakes = new ConcurrentHashMap<>();
  private final Map<LegacyHandshake, Counter> legacyHandshakes = new ConcurrentHashMap<>();
  private final Map<End, CountedTime> sessions = new ConcurrentHashMap<>();
  private final CipherLabel ciphers = new CipherLabel();
  private final MailMeters mail;
  private final MeterRegistry registry;
  private final String listener;

  ListenerMeters(MeterRegistry registry, String listener) {
    this.registry = registry;
    this.listener = listener;
    MetricNames.SESSIONS_ACTIVE.gauge(registry, () -> active, listener);
    MetricNames.BYTES.counter(registry, bytesUp::sum, listener, Direction.UP.label());
    MetricNames.BYTES.counter(registry, bytesDown::sum, listener, Direction.DOWN.label());
    mail = new MailMeters(registry, listener);
    startFromZero();
  }

  /**
   * Registers the counters that dashboards and alerts add up.
   *
   * <p>Otherwise the first event is lost: a series that appears with 1 looks to Prometheus like one
   * that was always 1, so {@code increase()} misses the event. A sum without series is not 0.
   */
  private void startFromZero() {
    for (TlsVersion version : TlsVersion.values()) {
      if (version == TlsVersion.SSL_2) {
        continue; // no handshake can complete with it
      }
      for (HandshakeOutcome outcome : HandshakeOutcome.values()) {
        if (!outcome.isFailure() || outcome.alert() != null) {
          handshakeCounter(new Handshake(version, outcome));
        }
      }
      if (version.isLegacy()) {
        legacyHandshakeCounter(new LegacyHandshake(version, CipherLabel.NONE));
      }
    }
    for (CloseReason reason : List.of(CloseReason.DEVICE_CLOSED, CloseReason.ORIGIN_CLOSED)) {
      sessionCounter(new End(Action.BRIDGE, reason));
      sessionCounter(new End(Action.TUNNEL, reason));
    }
    startFromZero(Action.BRIDGE, AT_ORIGINS);
    startFromZero(Action.BRIDGE, OTHER_ALERTS);
    startFromZero(Action.DENY, OTHER_ALERTS);
    sessionCounter(new End(Action.FORWARD, CloseReason.ORIGIN_CLOSED));
    sessionCounter(new End(Action.DENY, CloseReason.NO_ROUTE));
  }

  /**
   * Registers the counters of a mail protocol, for a listener of that protocol.
   *
   * <p>Such a listener dials the origin before the route decision, so an origin failure may end a
   * session with the action {@code deny}.
   */
  void expectMail(MailProtocol protocol) {
    mail.startFromZero(protocol);
    startFromZero(Action.DENY, AT_ORIGINS);
  }

  private void startFromZero(Action action, List<CloseReason> reasons) {
    reasons.forEach(reason -> sessionCounter(new End(action, reason)));
  }

  /**
   * Read at each scrape. A Micrometer counter would allocate memory if there are two registries.
   */
  LongAdder bytesUp() {
    return bytesUp;
  }

  LongAdder bytesDown() {
    return bytesDown;
  }

  /** The meters of mail sessions. */
  MailMeters mail() {
    return mail;
  }

  void sessionOpened() {
    active.incrementAndGet();
  }

  void sessionClosed(SessionSummary summary) {
    active.decrementAndGet();
    sessions
        .computeIfAbsent(new End(summary.action(), summary.reason()), this::session)
        .ended(summary.elapsed());
  }

  /**
   * Counts a handshake with a device.
   *
   * @param newestOffered the version for the protocol label if the handshake failed
   */
  void deviceHandshake(DeviceHandshake handshake, @Nullable TlsVersion newestOffered) {
    TlsParameters agreed = handshake.agreed();
    TlsVersion version = agreed == null ? newestOffered : agreed.version();
    handshakes
        .computeIfAbsent(new Handshake(version, handshake.outcome()), this::handshake)
        .ended(handshake.elapsed());
    if (agreed != null
        && agreed.version().isLegacy()
        && handshake.outcome() == HandshakeOutcome.COMPLETED) {
      String cipher = ciphers.of(agreed.cipherSuite());
      legacyHandshakes
          .computeIfAbsent(
              new LegacyHandshake(agreed.version(), cipher), this::legacyHandshakeCounter)
          .increment();
    }
  }

  private CountedTime handshake(Handshake key) {
    return new CountedTime(
        handshakeCounter(key),
        MetricNames.DOWNSTREAM_HANDSHAKE_TIME.timer(
            registry,
            Buckets.HANDSHAKE,
            listener,
            ProtocolLabel.of(key.version),
            key.outcome.label()));
  }

  private Counter handshakeCounter(Handshake key) {
    return MetricNames.DOWNSTREAM_HANDSHAKES.counter(
        registry, listener, ProtocolLabel.of(key.version), key.outcome.label());
  }

  private Counter legacyHandshakeCounter(LegacyHandshake key) {
    return MetricNames.LEGACY_HANDSHAKES.counter(
        registry, listener, key.version.label(), key.cipher);
  }

  private CountedTime session(End key) {
    return new CountedTime(
        sessionCounter(key),
        MetricNames.SESSION_TIME.timer(
            registry, Buckets.SESSION, listener, key.action.label(), key.reason.label()));
  }

  private Counter sessionCounter(End key) {
    return MetricNames.SESSIONS_CLOSED.counter(
        registry, listener, key.action.label(), key.reason.label());
  }

  private record Handshake(@Nullable TlsVersion version, HandshakeOutcome outcome) {}

  private record LegacyHandshake(TlsVersion version, String cipher) {}

  private record End(Action action, CloseReason reason) {}

  /**
   * Bounds the values of the label {@code cipher}.
   *
   * <p>The profiles allow a few dozen suites, but this class does not rely on that. Names that are
   * not suite names of the IANA registry (or of the JDK, which keeps {@code SSL_} for old ones),
   * and names after the first {@value #MAX_NAMES}, become {@value #OTHER}. Thread-safe.
   */
  static final class CipherLabel {
    static final String NONE = "none";
    static final String OTHER = "other";

    /** More than the number of suites below TLS 1.2 in any TLS library. */
    static final int MAX_NAMES = 100;

    private static final Pattern SUITE = Pattern.compile("(TLS|SSL)_[A-Z0-9_]{1,60}");

    private final Set<String> seen = ConcurrentHashMap.newKeySet();

    String of(String cipherSuite) {
      if (seen.contains(cipherSuite)) {
        return cipherSuite;
      }
      // Concurrent threads can exceed the bound by their number, which is harmless.
      if (seen.size() >= MAX_NAMES || !SUITE.matcher(cipherSuite).matches()) {
        return OTHER;
      }
      seen.add(cipherSuite);
      return cipherSuite;
    }
  }
}
