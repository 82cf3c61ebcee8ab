package org.tlsuplift.server.daemon.mapping;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.tls.OriginTrust;
import org.tlsuplift.server.config.yaml.ConfigProblem;

/** Reads the root certificates for origins. */
final class TrustMapper {
  private TrustMapper() {}

  /**
   * @param bundle a PEM file, or null for the roots of the system
   * @return null after reporting a problem
   */
  static @Nullable OriginTrust map(@Nullable Path bundle, Consumer<ConfigProblem> problems) {
    try {
      return bundle == null ? OriginTrust.system() : OriginTrust.of(certificates(bundle));
    } catch (IllegalArgumentException | IOException | CertificateException unusable) {
      problems.accept(
          new ConfigProblem(
              "upstream.trust",
              "'"
                  + (bundle == null ? "system" : bundle)
                  + "' cannot be used: "
                  + unusable.getMessage(),
              "'system' or a PEM file with root certificates",
              ""));
      return null;
    }
  }

  private static List<X509Certificate> certificates(Path bundle)
      throws IOException, CertificateException {
    try (InputStream content = Files.newInputStream(bundle)) {
      return CertificateFactory.getInstance("X.509").generateCertificates(content).stream()
          .map(X509Certificate.class::cast)
          .toList();
    }
  }
}
