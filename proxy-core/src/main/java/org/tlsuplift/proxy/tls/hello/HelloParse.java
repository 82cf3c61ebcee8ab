package org.tlsuplift.proxy.tls.hello;

import org.tlsuplift.proxy.model.ClientHello;

/**
 * What the first bytes of a device turned out to be.
 *
 * <p>The texts are one line each, for operators; they hold numbers and names of protocols, never
 * what the device sent: that may be a password.
 */
public sealed interface HelloParse {
  /**
   * Nothing can be said yet.
   *
   * @param bytes how many bytes there must be, counted from the first, before a new look can tell
   *     more; always more than there are now
   */
  record NeedMore(int bytes) implements HelloParse {}

  /**
   * A whole ClientHello.
   *
   * @param hello what was offered
   */
  record Parsed(ClientHello hello) implements HelloParse {}

  /**
   * Something that no TLS handshake begins with, or one of SSL 2.0 and nothing newer.
   *
   * @param what its name, such as {@code plain HTTP request (GET)}
   * @param plaintext whether it may be plaintext; false for SSL 2.0 and for other records of TLS
   */
  record NotTls(String what, boolean plaintext) implements HelloParse {
    NotTls(String what) {
      this(what, true);
    }
  }

  /**
   * TLS, but broken.
   *
   * @param why the rule that was broken and the value got
   */
  record Malformed(String why) implements HelloParse {}
}
