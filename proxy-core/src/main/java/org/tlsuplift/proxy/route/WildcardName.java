package org.tlsuplift.proxy.route;

import java.util.Optional;
import org.tlsuplift.proxy.model.HostPort;

/**
 * A wildcard name in a certificate, for comparison with the patterns of routes.
 *
 * @param suffix the text after {@code *.}; the star is one whole label (RFC 9525 section 6.3)
 */
record WildcardName(String suffix) {
  /** Parses a name in a certificate; empty if it has no wildcard. */
  static Optional<WildcardName> of(String name) {
    return HostPort.wildcardSuffix(name).map(WildcardName::new);
  }

  boolean covers(String host) {
    int dot = host.indexOf('.');
    return dot > 0 && host.substring(dot + 1).equals(suffix);
  }

  /** Whether the pattern matches every host that this wildcard covers. */
  boolean isWithin(HostPattern pattern) {
    return pattern instanceof HostPattern.Any
        || (pattern instanceof HostPattern.Starred starred
            && starred.before().isEmpty()
            && ("." + suffix).endsWith(starred.after()));
  }

  /** Whether the pattern could match a host that this wildcard covers; true in doubt. */
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
