package org.tlsuplift.server.inventory;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.tlsuplift.proxy.model.Labelled;

/** Whether a device needs the upgrade, and why. */
public enum Verdict implements Labelled {
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

  /** The word for all verdicts that need an upgrade. */
  public static final String NEEDS_UPGRADE = "needs_upgrade";

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

  /**
   * The verdicts with these labels, which commas separate.
   *
   * @throws IllegalArgumentException if there is none for a label
   */
  static Set<Verdict> parseAll(String words) {
    Set<Verdict> wanted = new LinkedHashSet<>();
    for (String word : words.split(",", -1)) {
      List<Verdict> meant =
          word.equals(NEEDS_UPGRADE)
              ? NEEDS
              : Stream.of(values()).filter(each -> each.label().equals(word)).toList();
      if (meant.isEmpty()) {
        String labels = Stream.of(values()).map(Verdict::label).collect(Collectors.joining(", "));
        throw FilterWords.wrong(word, NEEDS_UPGRADE + ", " + labels);
      }
      wanted.addAll(meant);
    }
    return wanted;
  }

  /** The column with the time of the latest evidence. */
  String column() {
    return column;
  }

  public String quoted() {
    return "'" + label() + "'";
  }
}
