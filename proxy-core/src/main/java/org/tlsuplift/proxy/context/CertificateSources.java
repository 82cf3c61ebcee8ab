package org.tlsuplift.proxy.context;

import java.util.Map;
import org.tlsuplift.proxy.tls.CertificateSource;

/**
 * Where the certificates of each listener come from.
 *
 * @param common for all listeners without one of their own
 * @param own by the name of the listener, which then uses no other, as no other uses it
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
