package org.tlsuplift.proxy.signin;

import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;

/** The origins that may get the tokens of a tenant. Thread-safe. */
public interface TokenOrigins {
  boolean allow(HostPort origin);

  /** Explains why an origin that is not allowed gets no token. */
  Explanation refusal(HostPort origin);
}
