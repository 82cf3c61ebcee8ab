package org.tlsuplift.server.it.device;

import java.util.List;
import java.util.Locale;
import org.tlsuplift.proxy.tls.hello.CipherSuites;

/** The cipher suites of the handshake matrix, with the names by which OpenSSL knows them. */
public enum Suite {
  RSA_AES(0x002f, "AES128-SHA"),
  RSA_AES_SHA256(0x003c, "AES128-SHA256"),
  RSA_GCM(0x009c, "AES128-GCM-SHA256"),
  RSA_3DES(0x000a, "DES-CBC3-SHA"),
  RSA_RC4(0x0005, "RC4-SHA"),
  RSA_RC4_MD5(0x0004, "RC4-MD5"),
  RSA_DES(0x0009, "DES-CBC-SHA"),
  RSA_CAMELLIA(0x0041, "CAMELLIA128-SHA"),
  RSA_ARIA(0xc050, "ARIA128-GCM-SHA256"),
  RSA_CCM(0xc09c, "AES128-CCM"),
  DHE_AES(0x0033, "DHE-RSA-AES128-SHA"),
  DHE_AES_SHA256(0x0067, "DHE-RSA-AES128-SHA256"),
  DHE_GCM(0x009e, "DHE-RSA-AES128-GCM-SHA256"),
  DHE_CHACHA(0xccaa, "DHE-RSA-CHACHA20-POLY1305"),
  DHE_3DES(0x0016, "DHE-RSA-DES-CBC3-SHA"),
  ECDHE_AES(0xc013, "ECDHE-RSA-AES128-SHA"),
  ECDHE_AES_SHA256(0xc027, "ECDHE-RSA-AES128-SHA256"),
  ECDHE_GCM(0xc02f, "ECDHE-RSA-AES128-GCM-SHA256"),
  ECDHE_CHACHA(0xcca8, "ECDHE-RSA-CHACHA20-POLY1305"),
  ECDHE_3DES(0xc012, "ECDHE-RSA-DES-CBC3-SHA"),
  ECDHE_RC4(0xc011, "ECDHE-RSA-RC4-SHA"),
  ECDSA_AES(0xc009, "ECDHE-ECDSA-AES128-SHA"),
  ECDSA_GCM(0xc02b, "ECDHE-ECDSA-AES128-GCM-SHA256"),
  ECDSA_3DES(0xc008, "ECDHE-ECDSA-DES-CBC3-SHA"),
  ECDSA_RC4(0xc007, "ECDHE-ECDSA-RC4-SHA"),
  TLS13_AES(0x1301, "AES128-GCM-SHA256"),
  TLS13_CHACHA(0x1303, "CHACHA20-POLY1305-SHA256"),
  EXPORT_RC4(0x0003, "EXP-RC4-MD5"),
  EXPORT_DES(0x0008, "EXP-DES-CBC-SHA"),
  ANONYMOUS_AES(0x0034, "ADH-AES128-SHA"),
  NULL(0x0002, "NULL-SHA");

  private final int number;
  private final String openssl;

  Suite(int number, String openssl) {
    this.number = number;
    this.openssl = openssl;
  }

  public int number() {
    return number;
  }

  /** As OpenSSL says it, which is short; those of TLS 1.3 without their {@code TLS_}. */
  public String openssl() {
    return openssl;
  }

  public String iana() {
    return CipherSuites.nameOf(number);
  }

  /** Whether a device's words, of whatever stack, mean this suite. */
  public boolean isNamedIn(String words) {
    return words.equals(openssl)
        || CipherSuites.canonical(words).equals(iana())
        || (hasOneOf(words, cipherWords()) && hasOneOf(words, hashWords()));
  }

  private static boolean hasOneOf(String words, List<String> wanted) {
    return wanted.stream().anyMatch(words::contains);
  }

  /** In GnuTLS's words, and in those of NSS. */
  private List<String> cipherWords() {
    String name = openssl.toUpperCase(Locale.ROOT);
    if (name.contains("GCM")) {
      return List.of("(AES-128-GCM)", "128-bit AES-GCM");
    }
    if (name.contains("CHACHA")) {
      return List.of("(CHACHA20-POLY1305)", "256-bit CHACHA20POLY1305");
    }
    if (name.contains("CAMELLIA")) {
      return List.of("(CAMELLIA-128-CBC)");
    }
    if (name.contains("AES")) {
      return List.of("(AES-128-CBC)", "128-bit AES with");
    }
    if (name.contains("DES-CBC3")) {
      return List.of("(3DES-CBC)", "112-bit 3DES");
    }
    if (name.contains("RC4")) {
      return List.of("(ARCFOUR-128)", "128-bit RC4");
    }
    return List.of("56-bit DES");
  }

  private List<String> hashWords() {
    if (openssl.contains("GCM") || openssl.contains("POLY1305")) {
      return List.of("(AES-128-GCM)", "(CHACHA20-POLY1305)", "AEAD");
    }
    if (openssl.endsWith("MD5")) {
      return List.of("(MD5)", "128-bit MD5");
    }
    if (openssl.endsWith("SHA256")) {
      return List.of("(SHA256)", "256-bit SHA256");
    }
    return List.of("(SHA1)", "160-bit SHA1");
  }
}
