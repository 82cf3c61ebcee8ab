package org.tlsuplift.server.readiness;

import java.util.Locale;

/** Whether a listener could be {@code profile: modern} from now on. */
public enum Readiness {
  /** A device recently needed more. */
  NO,
  /** No device needed more recently, but it is too early to be sure. */
  NOT_YET,
  /** No device needed more during the whole observation period. */
  YES;

  /** The value in JSON and CSV. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
