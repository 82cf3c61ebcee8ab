package org.tlsuplift.proxy.route;

import java.util.Optional;
import org.tlsuplift.proxy.model.HostPort;

/**
 * A wildcard of a certificate, beside the patterns of routes.
 *
 * @param suffix what stands behind {@code *.}; the star is one whole label (RFC 9525 section 6.3)
 */
record WildcardName(String suffix) {
  /** The wildcard that a certificate's name is, if it is one. */
  static Optional<WildcardName> of(String name) {
    return HostPort.wildcardSuffix(name).map(WildcardName::new);
  }

  /** Whether it stands for that host. */
  boolean covers(String host) {
    int dot = host.indexOf('.');
    return dot > 0 && host.substring(dot + 1).equals(suffix);
  }

  /** Whether the pattern means every host that this stands for. */
  boolean isWithin(HostPattern pattern) {
    return pattern instanceof HostPattern.Any
        || (pattern instanceof HostPattern.Starred starred
            && starred.before().isEmpty()
            && ("." + suffix).endsWith(starred.after()));
  }

  /** Whether the pattern may mean a host that this stands for; in doubt it does. */
  boolean mayMeet(HostPattern pattern) {
    return pattern instanceof HostPattern.Any
        || (pattern instanceof HostPattern.Exact exact && covers(exact.name()))
        || (pattern instanceof HostPattern.Starred starred
            && (("." + suffix).endsWith(starred.after())
                || starred.after().endsWith("." + suffix)));
  }

  @Override
  public String toString() {
    return "*." + suffix;
  }
}
