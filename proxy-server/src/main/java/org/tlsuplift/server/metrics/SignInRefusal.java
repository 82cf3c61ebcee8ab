package org.tlsuplift.server.metrics;

import java.util.Locale;

/** Why a sign-in at the admin port was refused. */
public enum SignInRefusal {
  /** The name, password or token was wrong. */
  WRONG,
  /** It was not looked at, after too many that were wrong. */
  SLOWED,
  /** It was not looked at, because too many others were. */
  BUSY;

  /** The value of the label. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
