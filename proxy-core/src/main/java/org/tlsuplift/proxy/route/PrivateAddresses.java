package org.tlsuplift.proxy.route;

/** Which origins may have addresses in private networks. */
public enum PrivateAddresses {
  /** Hosts that a route names one by one. */
  WHERE_NAMED,
  /** Every host that a route allows. */
  ALWAYS,
  /** Only addresses that a route names as such. */
  NEVER
}
