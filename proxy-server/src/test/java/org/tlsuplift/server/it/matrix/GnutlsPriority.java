package org.tlsuplift.server.it.matrix;

import java.util.ArrayList;
import java.util.List;
import org.tlsuplift.server.it.device.Offer;
import org.tlsuplift.server.it.device.Trait;

/** An offer in the words of GnuTLS. */
final class GnutlsPriority {
  private GnutlsPriority() {}

  static String of(Offer offer) {
    String iana = offer.suite().iana();
    String exchange = iana.contains("_WITH_") ? iana.substring(4, iana.indexOf("_WITH_")) : "";
    List<String> words = new ArrayList<>(List.of("NONE"));
    words.add("+VERS-TLS" + Stacks.number(offer));
    if (!exchange.isEmpty()) {
      words.add("+" + exchange.replace('_', '-'));
    }
    words.add("+" + cipher(iana));
    words.add("+" + hash(iana));
    words.add(offer.has(Trait.SHA1_SIGNATURES) ? "+SIGN-RSA-SHA1" : "+SIGN-ALL");
    words.addAll(List.of("+COMP-NULL", "+GROUP-ALL", "+CTYPE-X509"));
    // What it thinks of the certificate is not the question.
    words.addAll(List.of("%PROFILE_VERY_WEAK", "%VERIFY_ALLOW_SIGN_WITH_SHA1"));
    if (offer.has(Trait.NO_EXTENSIONS)) {
      words.add("%NO_EXTENSIONS");
    }
    if (offer.has(Trait.FALLBACK)) {
      words.add("%FALLBACK_SCSV");
    }
    return String.join(":", words);
  }

  private static String cipher(String iana) {
    if (iana.contains("CHACHA20")) {
      return "CHACHA20-POLY1305";
    }
    if (iana.contains("GCM")) {
      return "AES-128-GCM";
    }
    if (iana.contains("3DES")) {
      return "3DES-CBC";
    }
    if (iana.contains("RC4")) {
      return "ARCFOUR-128";
    }
    return iana.contains("CAMELLIA") ? "CAMELLIA-128-CBC" : "AES-128-CBC";
  }

  private static String hash(String iana) {
    if (iana.contains("GCM") || iana.contains("CHACHA20")) {
      return "AEAD";
    }
    if (iana.endsWith("MD5")) {
      return "MD5";
    }
    return iana.endsWith("SHA256") ? "SHA256" : "SHA1";
  }
}
