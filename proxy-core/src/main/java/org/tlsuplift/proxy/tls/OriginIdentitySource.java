package org.tlsuplift.proxy.tls;

/** Where an identity towards origins comes from, which may change while sessions run. */
public interface OriginIdentitySource {
  /** As routes call it; never changes. */
  String name();

  /** What the next connection presents. Never blocks; any thread may ask. */
  OriginIdentity current();
}
