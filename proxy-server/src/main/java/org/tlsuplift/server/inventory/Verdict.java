package org.tlsuplift.server.inventory;

import java.util.List;
import java.util.Locale;

/** Whether a device needs the upgrade, and why. */
public enum Verdict {
  /** It sends in plaintext. */
  NO_ENCRYPTION("plaintext_at"),
  /** It offers no version from TLS 1.2 up. */
  TOO_OLD("too_old_at"),
  /** It offers TLS 1.2, but only TLS_RSA. */
  ONLY_TLS_RSA("only_rsa_at"),
  /** It offers TLS 1.2, but no suite that Microsoft 365 accepts. */
  NO_ACCEPTED_SUITE("no_suite_at"),
  /** Microsoft 365 would accept it. */
  READY("ready_at"),
  /** It was not seen recently. */
  NOT_SEEN(""),
  /** It has never shown what it can do. */
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

  /** As in JSON, on the command line and in the metric. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The column with the time at which a device last showed it. */
  String column() {
    return column;
  }

  public String quoted() {
    return "'" + label() + "'";
  }
}
