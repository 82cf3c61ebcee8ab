package org.tlsuplift.proxy.context;

import java.util.Map;
import org.tlsuplift.proxy.tls.CertificateSource;

/**
 * The sources of the certificates for devices. Thread-safe.
 *
 * @param common the source of all listeners without their own
 * @param own listener name to the listener's own source
 */
public record CertificateSources(CertificateSource common, Map<String, CertificateSource> own) {
  public CertificateSources {
    own = Map.copyOf(own);
  }

  public static CertificateSources of(CertificateSource common) {
    return new CertificateSources(common, Map.of());
  }

  public boolean hasOwn(ListenerSpec listener) {
    return own.containsKey(listener.name());
  }

  public CertificateSource of(ListenerSpec listener) {
    return own.getOrDefault(listener.name(), common);
  }
}
