package org.tlsuplift.proxy.context;

import java.util.Map;
import org.tlsuplift.proxy.tls.CertificateSource;

/**
 * The sources of certificates for each listener.
 *
 * @param common for all listeners without their own source
 * @param own by the name of the listener; no other listener uses it
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
