package org.tlsuplift.server.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.OriginHandshake;
import org.tlsuplift.proxy.model.RevocationCheck;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;

/** The meters of handshakes with origins, created on first use. Thread-safe. */
final class OriginMeters {
  private final Map<Handshake, CountedTime> handshakes = new ConcurrentHashMap<>();
  private final Map<RevocationCheck, Counter> revocation = new EnumMap<>(RevocationCheck.class);
  private final Map<String, Counter> keyExchanges = new ConcurrentHashMap<>();
  private final MeterRegistry registry;

  OriginMeters(MeterRegistry registry) {
    this.registry = registry;
    for (RevocationCheck check : RevocationCheck.values()) {
      revocation.put(
          check, MetricNames.UPSTREAM_REVOCATION_CHECKS.counter(registry, check.label()));
    }
    for (TlsVersion version : TlsVersion.values()) {
      if (!version.isLegacy()) {
        counter(new Handshake(version, null));
      }
    }
  }

  void originHandshake(OriginHandshake handshake) {
    TlsParameters agreed = handshake.agreed();
    Handshake key = new Handshake(agreed == null ? null : agreed.version(), handshake.failure());
    handshakes.computeIfAbsent(key, this::make).ended(handshake.elapsed());
    if (agreed != null) {
      // BoringSSL agrees only to the few groups that it has offered.
      keyExchanges.computeIfAbsent(group(agreed), this::keyExchanges).increment();
    }
    Counter checks = revocation.get(handshake.revocation());
    if (checks != null) {
      checks.increment();
    }
  }

  private Counter keyExchanges(String group) {
    return MetricNames.UPSTREAM_KEY_EXCHANGES.counter(registry, group);
  }

  private static String group(TlsParameters agreed) {
    return agreed.group() == null ? ProtocolLabel.NONE : agreed.group();
  }

  private CountedTime make(Handshake key) {
    return new CountedTime(
        counter(key),
        MetricNames.UPSTREAM_HANDSHAKE_TIME.timer(
            registry, Buckets.HANDSHAKE, ProtocolLabel.of(key.version), key.outcome()));
  }

  private Counter counter(Handshake key) {
    return MetricNames.UPSTREAM_HANDSHAKES.counter(
        registry, ProtocolLabel.of(key.version), key.outcome());
  }

  private record Handshake(@Nullable TlsVersion version, @Nullable CloseReason failure) {
    String outcome() {
      return failure == null ? HandshakeOutcome.COMPLETED.label() : failure.label();
    }
  }
}
