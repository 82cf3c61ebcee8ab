package org.tlsuplift.proxy.tls.hello;

import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.model.TlsVersion;

/**
 * Who is told what an origin agreed to in a tunnel; at most one call, on the channel's event loop.
 */
public interface ServerHelloCallbacks {
  /**
   * The origin agreed to a version that must not leave the building; its bytes are dropped, then
   * and later, and the session is to be closed.
   */
  void belowFloor(TlsVersion version);

  /**
   * The origin answered with a TLS handshake in which no ServerHello can be read, so that its
   * version cannot be vouched for; its bytes are dropped, then and later, and the session is to be
   * closed.
   *
   * @param why one line for the operator
   */
  void unreadable(String why);

  /** The origin answered with something else than TLS, which is dropped likewise. */
  void notTls();

  /**
   * The origin agreed to TLS 1.2 or later; its bytes follow.
   *
   * @param parameters the ALPN name is known up to TLS 1.2 only: later ones encrypt it
   * @param again whether it asks the device for a second hello
   */
  void agreed(TlsParameters parameters, boolean again);
}
