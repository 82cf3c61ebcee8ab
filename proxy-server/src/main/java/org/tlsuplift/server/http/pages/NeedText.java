package org.tlsuplift.server.http.pages;

import java.util.Optional;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.server.inventory.Need;
import org.tlsuplift.server.inventory.VerdictText;

/** Needs in the words of the pages. */
public final class NeedText {
  private NeedText() {}

  public static String words(Need need) {
    return switch (need) {
      case NO_ENCRYPTION -> "no encryption";
      case TOO_OLD -> "nothing from TLS 1.2 up";
      case ONLY_TLS_RSA -> "TLS 1.2 with TLS_RSA only";
      case NO_ACCEPTED_SUITE -> "no suite that Microsoft 365 accepts";
      case OLD_SUITE -> "AES-CBC";
      case UNKNOWN -> "an unknown need";
    };
  }

  /**
   * The need with the version, in a word or two.
   *
   * @param newest the newest version that a device offers which is too old; empty if it is unknown
   */
  public static String chip(Need need, Optional<TlsVersion> newest) {
    return switch (need) {
      case NO_ENCRYPTION -> "no encryption";
      case TOO_OLD -> newest.map(VerdictText::version).orElse("old TLS") + " only";
      case ONLY_TLS_RSA -> "TLS_RSA only";
      case NO_ACCEPTED_SUITE -> "no accepted suite";
      case OLD_SUITE -> "AES-CBC";
      case UNKNOWN -> "an unknown need";
    };
  }

  public static String remedy(Need need) {
    return switch (need) {
      case NO_ENCRYPTION -> "switch TLS or STARTTLS on in their mail settings";
      case TOO_OLD -> "update the firmware, switch TLS 1.2 on, or replace them";
      case ONLY_TLS_RSA -> "update the firmware, or switch ECDHE suites on";
      case NO_ACCEPTED_SUITE -> "update the firmware, or switch ECDHE with AES-GCM on";
      case OLD_SUITE ->
          "update the firmware, or tunnel them with whenModern: tunnel: Microsoft 365 accepts them";
      case UNKNOWN -> "update TLS Uplift here: a newer version stored this need";
    };
  }
}
