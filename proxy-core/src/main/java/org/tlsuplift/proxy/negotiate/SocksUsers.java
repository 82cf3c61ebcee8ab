package org.tlsuplift.proxy.negotiate;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Objects;

/**
 * The users of a SOCKS listener, by name and password (RFC 1929). Thread-safe.
 *
 * <p>Neither the text form nor the timing reveals names or passwords.
 */
public final class SocksUsers {
  /** Devices need no user name and password. */
  public static final SocksUsers NONE = new SocksUsers(Map.of());

  private final Map<String, String> passwords;

  /**
   * Creates the set of users.
   *
   * @param passwords the passwords by user name; all texts are {@link #isUsable}
   */
  public SocksUsers(Map<String, String> passwords) {
    this.passwords = Map.copyOf(passwords);
    this.passwords.forEach(
        (name, password) -> {
          if (!isUsable(name) || !isUsable(password)) {
            // The message omits both texts, because one of them is a secret.
            throw new IllegalArgumentException("expected 1 to 255 visible ASCII characters");
          }
        });
  }

  /**
   * Whether a text can be a name or a password. RFC 1929 allows 255 bytes and defines no encoding,
   * so only ASCII is the same on every device.
   */
  public static boolean isUsable(String text) {
    return !text.isEmpty()
        && text.length() <= 255
        && text.chars().allMatch(character -> character >= ' ' && character <= '~');
  }

  /** Whether these users admit every device that other users admit. */
  public boolean includes(SocksUsers others) {
    return isEmpty()
        || others.passwords.keySet().stream().allMatch(name -> new User(name, others).isIn(this));
  }

  boolean isEmpty() {
    return passwords.isEmpty();
  }

  /** Whether these are the name and password of one user. Compares all users in constant time. */
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
    // Names and passwords have no NUL, so equal joined texts have equal parts.
    return (name + '\0' + password).getBytes(StandardCharsets.UTF_8);
  }

  /**
   * The user as which a device signed in.
   *
   * @param users those of the device's listener at that time
   */
  public record User(String name, SocksUsers users) {
    /** Whether other users admit this one with the same password. */
    public boolean isIn(SocksUsers others) {
      return others.isEmpty()
          || Objects.equals(users.passwords.get(name), others.passwords.get(name));
    }

    /** Without the name, because people type passwords into the wrong field. */
    @Override
    public String toString() {
      return "a user";
    }
  }

  @Override
  public String toString() {
    return passwords.size() + " users";
  }
}
