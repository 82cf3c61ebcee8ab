package org.tlsuplift.server.inventory;

import java.util.List;
import java.util.Locale;

/** Whether a device needs the upgrade, and why. */
public enum Verdict {
  /** The device sends in plaintext. */
  NO_ENCRYPTION("plaintext_at"),
  /** The device offers no version from TLS 1.2 up. */
  TOO_OLD("too_old_at"),
  /** The device offers TLS 1.2, but only TLS_RSA suites. */
  ONLY_TLS_RSA("only_rsa_at"),
  /** The device offers TLS 1.2, but no suite that Microsoft 365 accepts. */
  NO_ACCEPTED_SUITE("no_suite_at"),
  /** Microsoft 365 accepts what the device offers. */
  READY("ready_at"),
  /** The device was not seen recently. */
  NOT_SEEN(""),
  /** No session of the device reached TLS or plaintext mail. */
  UNKNOWN("");

  /** Verdicts that need an upgrade, the worst first. */
  static final List<Verdict> NEEDS =
      List.of(NO_ENCRYPTION, TOO_OLD, ONLY_TLS_RSA, NO_ACCEPTED_SUITE);

  private final String column;

  Verdict(String column) {
    this.column = column;
  }

  public boolean needsUpgrade() {
    return NEEDS.contains(this);
  }

  /** The name in JSON, on the command line and in the metric. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The column with the time of the latest evidence. */
  String column() {
    return column;
  }

  public String quoted() {
    return "'" + label() + "'";
  }
}
