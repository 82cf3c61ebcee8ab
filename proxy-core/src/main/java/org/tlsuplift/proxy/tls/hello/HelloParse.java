package org.tlsuplift.proxy.tls.hello;

import org.tlsuplift.proxy.model.ClientHello;

/**
 * The meaning of a device's first bytes.
 *
 * <p>The texts are one line each, for operators. They hold numbers and names of protocols, never
 * what the device sent: that may be a password.
 */
public sealed interface HelloParse {
  /**
   * Not known yet.
   *
   * @param bytes how many are needed in total before another try; always more than there are now
   */
  record NeedMore(int bytes) implements HelloParse {}

  record Parsed(ClientHello hello) implements HelloParse {}

  /**
   * Not the beginning of a TLS handshake, or SSL 2.0 and nothing newer.
   *
   * @param what its name, such as {@code plain HTTP request (GET)}
   * @param plaintext whether it may be plaintext; false for SSL 2.0 and for other TLS records
   */
  record NotTls(String what, boolean plaintext) implements HelloParse {
    NotTls(String what) {
      this(what, true);
    }
  }

  /**
   * Broken TLS.
   *
   * @param why the violated rule and the value
   */
  record Malformed(String why) implements HelloParse {}
}
