package org.tlsuplift.server.it.lab;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Who a device is to the mail server.
 *
 * @param address user name and mail address in one
 * @param password its password
 */
public record Account(String address, String password) {
  public static final String DOMAIN = "corp.example";

  /** The answer to {@code AUTH PLAIN} (RFC 4616). */
  public String plain() {
    return base64("\0" + address + "\0" + password);
  }

  public static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
