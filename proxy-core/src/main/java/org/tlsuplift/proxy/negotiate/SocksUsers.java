package org.tlsuplift.proxy.negotiate;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Map;

/**
 * The users of a SOCKS listener, by name and password (RFC 1929). Thread-safe.
 *
 * <p>Neither its text nor its timing reveals names and passwords.
 */
public final class SocksUsers {
  /** No user name and password are needed. */
  public static final SocksUsers NONE = new SocksUsers(Map.of());

  private final Map<String, String> passwords;

  /**
   * For these users.
   *
   * @param passwords by name; both of {@link #isUsable} texts
   */
  public SocksUsers(Map<String, String> passwords) {
    this.passwords = Map.copyOf(passwords);
    this.passwords.forEach(
        (name, password) -> {
          if (!isUsable(name) || !isUsable(password)) {
            // Neither is repeated: one of them is a secret.
            throw new IllegalArgumentException("1 to 255 visible characters of ASCII are allowed");
          }
        });
  }

  /**
   * Whether a text can be a name or a password: RFC 1929 allows 255 bytes and names no encoding, so
   * only ASCII is the same on every device.
   */
  public static boolean isUsable(String text) {
    return !text.isEmpty()
        && text.length() <= 255
        && text.chars().allMatch(character -> character >= ' ' && character <= '~');
  }

  boolean isEmpty() {
    return passwords.isEmpty();
  }

  /** Whether these are one user's name and password; compares with all users, in constant time. */
  boolean admits(String name, String password) {
    byte[] given = joined(name, password);
    boolean found = false;
    for (Map.Entry<String, String> user : passwords.entrySet()) {
      found |= MessageDigest.isEqual(given, joined(user.getKey(), user.getValue()));
    }
    return found;
  }

  /** Name and password together, so that the time does not reveal which of them was wrong. */
  private static byte[] joined(String name, String password) {
    // Names and passwords have no NUL: if the joined texts are equal, so are both parts.
    return (name + '\0' + password).getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return passwords.size() + " users";
  }
}
