package org.tlsuplift.server.daemon.watch;

import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.daemon.watch.CertificateExpiry.State;
import org.tlsuplift.server.metrics.MeterName;

/** A day in the configuration on which a secret or token expires. */
public sealed interface ExpiryDay permits SecretExpiry, TokenExpiry {
  /** The days of a checked configuration. */
  static List<ExpiryDay> of(ServerConfig config) {
    return Stream.<ExpiryDay>concat(
            SecretExpiry.of(config).stream(), TokenExpiry.of(config.admin()).stream())
        .toList();
  }

  /** When it may stop working. */
  Instant at();

  /** When it counts as expired. */
  default Instant end() {
    return at();
  }

  /** The metric of {@link #at}. */
  MeterName meter();

  /** The label of the metric. */
  String name();

  /** The key with the day in the configuration. */
  String key();

  /** One line for the operator; empty if nothing is to do. */
  String text(Instant now);

  default State state(Instant now) {
    if (!now.isBefore(end())) {
      return State.EXPIRED;
    }
    return now.isBefore(at().minus(CertificateExpiry.NOTICE)) ? State.GOOD : State.ENDING;
  }
}
