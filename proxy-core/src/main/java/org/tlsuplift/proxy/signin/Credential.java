package org.tlsuplift.proxy.signin;

import java.util.Arrays;

/**
 * A device's login and password for this proxy. {@link #toString} has only the length of the login,
 * because people type passwords into the name field. Not thread-safe; the checker wipes it.
 */
public final class Credential {
  private final String login;
  private final char[] password;

  /**
   * Keeps the password array without a copy.
   *
   * @param login at most 255 characters
   * @param password at most 1024 characters
   */
  public Credential(String login, char[] password) {
    this.login = login;
    this.password = password;
  }

  public String login() {
    return login;
  }

  /** The array itself, not a copy; all zero after {@link #wipe}. */
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
