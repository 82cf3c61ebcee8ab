package org.tlsuplift.server.insight.switchoff;

import java.util.Locale;

/** Whether a listener could be {@code profile: modern} from now on. */
public enum Readiness {
  /** A device has just shown that it could not do with that. */
  NO,
  /** Nobody has lately, but it is too early to be sure. */
  NOT_YET,
  /** It has been watched for long, and no device has. */
  YES;

  /** The word in JSON and CSV. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
