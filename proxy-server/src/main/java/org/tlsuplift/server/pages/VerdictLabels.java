package org.tlsuplift.server.pages;

import org.tlsuplift.server.inventory.Verdict;

/** Verdicts in the words of the pages. */
final class VerdictLabels {
  /** The word for all verdicts that mean work. */
  static final String NEEDS_UPGRADE = "needs_upgrade";

  private VerdictLabels() {}

  /** What devices with this verdict have in common. */
  static String of(Verdict verdict) {
    return switch (verdict) {
      case NO_ENCRYPTION -> "needs upgrade: does not encrypt";
      case TOO_OLD -> "needs upgrade: nothing from TLS 1.2 up";
      case ONLY_TLS_RSA -> "needs upgrade: TLS 1.2 but only TLS_RSA";
      case NO_ACCEPTED_SUITE -> "needs upgrade: no suite that Microsoft 365 accepts";
      case READY -> "ready: speaks TLS 1.2+ ECDHE";
      case NOT_SEEN -> "not seen for long";
      case UNKNOWN -> "unknown: never came as far as TLS";
    };
  }

  static String why(Verdict verdict) {
    return switch (verdict) {
      case NO_ENCRYPTION ->
          "It goes on without TLS where a listener allows that. Switch STARTTLS or TLS on in the device, or"
              + " keep it behind this proxy.";
      case TOO_OLD ->
          "It offers no version from TLS 1.2 up, and Microsoft 365 takes nothing below. Update its firmware"
              + " or replace it; until then it needs this proxy.";
      case ONLY_TLS_RSA ->
          "It offers TLS 1.2, but no ECDHE key exchange: Microsoft 365 turns TLS_RSA away. Look for newer"
              + " firmware or a cipher setting in the device; until then it needs this proxy.";
      case NO_ACCEPTED_SUITE ->
          "It offers TLS 1.2, but no cipher suite that Microsoft 365 accepts (ECDHE with AES-GCM or AES-CBC)."
              + " Look for newer firmware or a cipher setting; until then it needs this proxy.";
      case READY ->
          "All that it has shown of late, Microsoft 365 accepts. It can go there directly.";
      case NOT_SEEN -> "It was not seen for long: it may be switched off, replaced, or moved.";
      case UNKNOWN ->
          "No ClientHello of it was seen: its sessions ended before TLS. The failures below tell why.";
    };
  }

  /** The class of its badge in the style sheet. */
  static String tone(Verdict verdict) {
    return switch (verdict) {
      case NO_ENCRYPTION, TOO_OLD, ONLY_TLS_RSA, NO_ACCEPTED_SUITE -> "bad";
      case READY -> "good";
      case NOT_SEEN, UNKNOWN -> "calm";
    };
  }
}
