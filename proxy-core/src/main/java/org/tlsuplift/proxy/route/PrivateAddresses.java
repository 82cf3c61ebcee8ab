package org.tlsuplift.proxy.route;

/** The origins that may have addresses in private networks. */
public enum PrivateAddresses {
  /** Only hosts that a route lists by their exact names. */
  WHERE_NAMED,
  /** Every host that a route allows. */
  ALWAYS,
  /** No host name: only addresses that a route lists as addresses. */
  NEVER
}
