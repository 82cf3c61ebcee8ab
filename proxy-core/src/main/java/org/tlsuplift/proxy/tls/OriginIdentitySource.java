package org.tlsuplift.proxy.tls;

/** Provides a client certificate, which may change while sessions run. */
public interface OriginIdentitySource {
  /** The name in routes; never changes. */
  String name();

  /** The identity for the next connection. Never blocks; thread-safe. */
  OriginIdentity current();
}
