package org.tlsuplift.server.http.pages;

import java.util.Optional;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.server.inventory.Verdict;
import org.tlsuplift.server.inventory.VerdictText;

/** Verdicts in the words of the pages. */
public final class VerdictLabels {
  private VerdictLabels() {}

  /**
   * A verdict in a word or two.
   *
   * @param newest the newest version that a device offers which is too old; empty if it is unknown
   */
  public static String chip(Verdict verdict, Optional<TlsVersion> newest) {
    return switch (verdict) {
      case NO_ENCRYPTION -> "no encryption";
      case TOO_OLD -> newest.map(VerdictText::version).orElse("old TLS");
      case ONLY_TLS_RSA -> "TLS_RSA";
      case NO_ACCEPTED_SUITE -> "no accepted suite";
      case READY -> "ready";
      case NOT_SEEN -> "not seen recently";
      case UNKNOWN -> "no TLS seen";
    };
  }

  public static String why(Verdict verdict) {
    return switch (verdict) {
      case NO_ENCRYPTION ->
          "It continues without TLS where a listener allows that. Switch STARTTLS or TLS on in the"
              + " device, or keep it on TLS Uplift.";
      case TOO_OLD ->
          "It offers nothing from TLS 1.2 up, and Microsoft 365 accepts nothing below. Update its"
              + " firmware or replace it. Until then it needs TLS Uplift.";
      case ONLY_TLS_RSA ->
          "It offers TLS 1.2, but no ECDHE key exchange, and Microsoft 365 is reported to refuse"
              + " TLS_RSA. Look for newer firmware or a cipher setting in the device. Until then it"
              + " needs TLS Uplift.";
      case NO_ACCEPTED_SUITE ->
          "It offers TLS 1.2, but no cipher suite that Microsoft 365 accepts (ECDHE with AES-GCM or"
              + " AES-CBC). Look for newer firmware or a cipher setting. Until then it needs TLS"
              + " Uplift.";
      case READY ->
          "Microsoft 365 accepts everything that it has offered recently. It can connect directly.";
      case NOT_SEEN -> "It has not connected recently: it may be switched off, replaced or moved.";
      case UNKNOWN -> "Its sessions ended before TLS started. The problems below say why.";
    };
  }

  /** The class of its badge in the style sheet. */
  public static String tone(Verdict verdict) {
    return switch (verdict) {
      case NO_ENCRYPTION, TOO_OLD, ONLY_TLS_RSA, NO_ACCEPTED_SUITE -> "bad";
      case READY -> "good";
      case NOT_SEEN, UNKNOWN -> "calm";
    };
  }
}
