package org.tlsuplift.proxy.tls.hello;

import org.tlsuplift.proxy.model.ClientHello;

/**
 * The result of parsing a device's first bytes.
 *
 * <p>Each text is one line for the operator. It contains numbers and protocol names, but never the
 * device's bytes, because they may be a password.
 */
public sealed interface HelloParse {
  /**
   * More bytes are needed.
   *
   * @param bytes the number of bytes needed in total before another try; more than there are now
   */
  record NeedMore(int bytes) implements HelloParse {}

  record Parsed(ClientHello hello) implements HelloParse {}

  /**
   * The bytes do not start a TLS handshake, or only one of SSL 2.0.
   *
   * @param what the name of the protocol, such as {@code plain HTTP request (GET)}
   * @param plaintext whether the protocol may be plaintext; false for SSL 2.0 and for other TLS
   *     records
   */
  record NotTls(String what, boolean plaintext) implements HelloParse {
    NotTls(String what) {
      this(what, true);
    }
  }

  /**
   * The bytes are malformed TLS.
   *
   * @param why the field, its value and the violated rule
   * @param unexpected whether another message or record came than a ClientHello needs
   */
  record Malformed(String why, boolean unexpected) implements HelloParse {
    public Malformed(String why) {
      this(why, false);
    }
  }
}
