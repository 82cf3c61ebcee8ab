package org.tlsuplift.server.daemon;

import java.time.Duration;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;
import org.tlsuplift.proxy.tls.RsaMeasurement;
import org.tlsuplift.proxy.tls.rsa.DeviceRsa;
import org.tlsuplift.proxy.tls.rsa.Libcrypto;
import org.tlsuplift.proxy.tls.rsa.LibcryptoUnavailableException;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.metrics.MetricNames;
import org.tlsuplift.server.metrics.ServerMetrics;

/**
 * Chooses the library for RSA once, at the start.
 *
 * @param line tells the choice to the operator
 */
record RsaSource(DeviceRsa chosen, LoggingEventBuilder line) {
  private static final Logger log = LoggerFactory.getLogger(RsaSource.class);

  static RsaSource choose(ServerConfig.Rsa setting, ServerMetrics metrics) {
    RsaSource choice =
        switch (setting) {
          case AUTO -> faster();
          case BORINGSSL -> boringSsl("it is configured");
          case LIBCRYPTO -> libcrypto();
        };
    metrics.meters().gauge(MetricNames.RSA_INFO, () -> 1, choice.chosen.library().label());
    return choice;
  }

  private static RsaSource faster() {
    Libcrypto library;
    try {
      library = Libcrypto.load();
    } catch (LibcryptoUnavailableException unavailable) {
      return boringSsl("libcrypto is not available: " + unavailable.getMessage());
    }
    RsaMeasurement measured = RsaMeasurement.of(library);
    return new RsaSource(
        measured.isLibcryptoFaster() ? DeviceRsa.by(library) : DeviceRsa.boringSsl(),
        log.atInfo()
            .addKeyValue("version", library.version())
            .addKeyValue("boringssl", milliseconds(measured.boringSsl()))
            .addKeyValue("libcrypto", milliseconds(measured.libcrypto()))
            .setMessage(
                measured.isLibcryptoFaster()
                    ? "tls: libcrypto uses the RSA keys of devices' certificates, because it is"
                        + " faster"
                    : "tls: BoringSSL uses the RSA keys of devices' certificates; libcrypto is not"
                        + " clearly faster"));
  }

  private static RsaSource boringSsl(String reason) {
    return new RsaSource(
        DeviceRsa.boringSsl(),
        log.atInfo()
            .addKeyValue("reason", reason)
            .setMessage("tls: BoringSSL uses the RSA keys of devices' certificates"));
  }

  private static RsaSource libcrypto() {
    try {
      Libcrypto library = Libcrypto.load();
      return new RsaSource(
          DeviceRsa.by(library),
          log.atInfo()
              .addKeyValue("version", library.version())
              .addKeyValue("reason", "it is configured")
              .setMessage("tls: libcrypto uses the RSA keys of devices' certificates"));
    } catch (LibcryptoUnavailableException unavailable) {
      // The configuration was checked with the same result.
      throw new IllegalStateException("rsa: " + unavailable.getMessage(), unavailable);
    }
  }

  private static String milliseconds(Duration time) {
    return String.format(Locale.ROOT, "%.2fms", time.toNanos() / 1e6);
  }
}
