package org.tlsuplift.server.daemon;

import java.time.Duration;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.tls.RsaMeasurement;
import org.tlsuplift.proxy.tls.rsa.DeviceRsa;
import org.tlsuplift.proxy.tls.rsa.Libcrypto;
import org.tlsuplift.proxy.tls.rsa.LibcryptoUnavailableException;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.metrics.MetricNames;
import org.tlsuplift.server.metrics.ServerMetrics;

/** Chooses the library for RSA once, at the start, and reports it. */
final class RsaSource {
  private static final Logger log = LoggerFactory.getLogger(RsaSource.class);

  private RsaSource() {}

  static DeviceRsa choose(ServerConfig.Rsa setting, ServerMetrics metrics) {
    DeviceRsa chosen =
        switch (setting) {
          case AUTO -> faster();
          case BORINGSSL -> boringSsl("it is configured");
          case LIBCRYPTO -> libcrypto();
        };
    metrics.meters().gauge(MetricNames.RSA_INFO, () -> 1, chosen.library().label());
    return chosen;
  }

  private static DeviceRsa faster() {
    Libcrypto library;
    try {
      library = Libcrypto.load();
    } catch (LibcryptoUnavailableException unavailable) {
      return boringSsl("libcrypto is not available: " + unavailable.getMessage());
    }
    RsaMeasurement measured = RsaMeasurement.of(library);
    log.atInfo()
        .addKeyValue("version", library.version())
        .addKeyValue("boringssl", milliseconds(measured.boringSsl()))
        .addKeyValue("libcrypto", milliseconds(measured.libcrypto()))
        .log(
            measured.isLibcryptoFaster()
                ? "tls: libcrypto uses the RSA keys of devices' certificates, because it is faster"
                : "tls: BoringSSL uses the RSA keys of devices' certificates; libcrypto is not"
                    + " clearly faster");
    return measured.isLibcryptoFaster() ? DeviceRsa.by(library) : DeviceRsa.boringSsl();
  }

  private static DeviceRsa boringSsl(String reason) {
    log.atInfo()
        .addKeyValue("reason", reason)
        .log("tls: BoringSSL uses the RSA keys of devices' certificates");
    return DeviceRsa.boringSsl();
  }

  private static DeviceRsa libcrypto() {
    try {
      Libcrypto library = Libcrypto.load();
      log.atInfo()
          .addKeyValue("version", library.version())
          .addKeyValue("reason", "it is configured")
          .log("tls: libcrypto uses the RSA keys of devices' certificates");
      return DeviceRsa.by(library);
    } catch (LibcryptoUnavailableException unavailable) {
      // The configuration was checked with the same result.
      throw new IllegalStateException("rsa: " + unavailable.getMessage(), unavailable);
    }
  }

  private static String milliseconds(Duration time) {
    return String.format(Locale.ROOT, "%.2fms", time.toNanos() / 1e6);
  }
}
