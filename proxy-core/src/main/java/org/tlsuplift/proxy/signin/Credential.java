package org.tlsuplift.proxy.signin;

import java.util.Arrays;

/**
 * What a device signs in to this proxy with. Never printed: {@link #toString} has the login's
 * length alone, because people type passwords into the field for the name. Not thread-safe; whoever
 * has checked it wipes it.
 */
public final class Credential {
  private final String login;
  private final char[] password;

  /** Takes over the password; at most 255 characters of login and 1024 of password are expected. */
  public Credential(String login, char[] password) {
    this.login = login;
    this.password = password;
  }

  /** As the device gave it. */
  public String login() {
    return login;
  }

  /** The characters themselves, no copy; all zero after {@link #wipe}. */
  public char[] password() {
    return password;
  }

  /** Overwrites the password. */
  public void wipe() {
    Arrays.fill(password, '\0');
  }

  @Override
  public String toString() {
    return "a login of " + login.length() + " characters";
  }
}
