package org.tlsuplift.proxy.signin;

import java.util.Arrays;

/**
 * A device's login and password for this proxy. Never printed: {@link #toString} shows only the
 * login's length, because people type passwords into the name field. Not thread-safe; the checker
 * wipes it.
 */
public final class Credential {
  private final String login;
  private final char[] password;

  /**
   * Keeps the password without copying; at most 255 characters of login and 1024 of password are
   * expected.
   */
  public Credential(String login, char[] password) {
    this.login = login;
    this.password = password;
  }

  public String login() {
    return login;
  }

  /** The characters themselves, no copy; all zero after {@link #wipe}. */
  public char[] password() {
    return password;
  }

  public void wipe() {
    Arrays.fill(password, '\0');
  }

  @Override
  public String toString() {
    return "a login of " + login.length() + " characters";
  }
}
