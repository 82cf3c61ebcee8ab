package org.tlsuplift.server.inventory;

import java.util.List;
import java.util.Locale;

/** What is to be done about a device. */
public enum Verdict {
  /** It sends in plaintext. */
  NO_ENCRYPTION("plaintext_at"),
  /** It offers no version from TLS 1.2 up. */
  TOO_OLD("too_old_at"),
  /** It offers TLS 1.2, but only TLS_RSA. */
  ONLY_TLS_RSA("only_rsa_at"),
  /** It offers TLS 1.2, but no suite that Microsoft 365 accepts. */
  NO_ACCEPTED_SUITE("no_suite_at"),
  /** Microsoft 365 would talk to it. */
  READY("ready_at"),
  /** It has not been seen for long. */
  NOT_SEEN(""),
  /** It has never shown what it can do. */
  UNKNOWN("");

  /** Those that mean work, the worst first. */
  static final List<Verdict> NEEDS =
      List.of(NO_ENCRYPTION, TOO_OLD, ONLY_TLS_RSA, NO_ACCEPTED_SUITE);

  private final String column;

  Verdict(String column) {
    this.column = column;
  }

  /** Whether such a device cannot do without this proxy. */
  public boolean needsUpgrade() {
    return NEEDS.contains(this);
  }

  /** The word in JSON, on the command line and as the label of the metric. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The column that tells when a device last showed that. */
  String column() {
    return column;
  }

  public String quoted() {
    return "'" + label() + "'";
  }
}
