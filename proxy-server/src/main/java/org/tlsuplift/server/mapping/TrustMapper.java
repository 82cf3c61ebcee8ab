package org.tlsuplift.server.mapping;

import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.tls.OriginTrust;
import org.tlsuplift.server.config.binding.ConfigProblem;

/** Reads the root certificates for origins. */
final class TrustMapper {
  private TrustMapper() {}

  /**
   * @param bundle a PEM file, or null for the roots of the system
   * @return null after reporting a problem
   */
  static @Nullable OriginTrust map(@Nullable Path bundle, Consumer<ConfigProblem> problems) {
    try {
      return bundle == null ? OriginTrust.system() : OriginTrust.of(bundle);
    } catch (IllegalArgumentException | IOException | CertificateException unusable) {
      problems.accept(
          new ConfigProblem(
              "upstream.trust",
              "'%s' cannot be used: %s"
                  .formatted(bundle == null ? "system" : bundle, unusable.getMessage()),
              "'system' or a PEM file with root certificates",
              ""));
      return null;
    }
  }
}
