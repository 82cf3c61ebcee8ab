package org.tlsuplift.server.inventory;

/**
 * When a device last showed each thing that a verdict follows from, in milliseconds; 0 for never.
 *
 * @param lastSeen when it was last seen at all
 * @param plaintext it went on without TLS
 * @param tooOld it offered nothing from TLS 1.2 up
 * @param onlyRsa it offered TLS 1.2 with TLS_RSA alone
 * @param noSuite it offered TLS 1.2 with nothing that Microsoft 365 accepts
 * @param ready it offered what Microsoft 365 accepts
 */
public record Shown(
    long lastSeen, long plaintext, long tooOld, long onlyRsa, long noSuite, long ready) {
  /** When it last showed that need. */
  long at(Verdict need) {
    return switch (need) {
      case NO_ENCRYPTION -> plaintext;
      case TOO_OLD -> tooOld;
      case ONLY_TLS_RSA -> onlyRsa;
      case NO_ACCEPTED_SUITE -> noSuite;
      case READY -> ready;
      case NOT_SEEN, UNKNOWN -> 0;
    };
  }

  /** When it last showed anything. */
  long latest() {
    return Math.max(Math.max(Math.max(plaintext, tooOld), Math.max(onlyRsa, noSuite)), ready);
  }
}
