package org.tlsuplift.proxy.route;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.TlsVersion;

/**
 * Whether a device needs the upgrade, judged by its offer.
 *
 * @param detail the same in words for the operator, such as {@code offers TLSv1 only}
 */
public record UpgradeNeed(Kind kind, String detail) {
  /** The part of the offer that Microsoft 365 does not accept. */
  public enum Kind {
    /** None: Microsoft 365 would accept the device. */
    NONE,
    /**
     * The device offers TLS 1.2, but only TLS_RSA suites. Reports of 2025 say that
     * smtp.office365.com refuses them; Microsoft has not published that.
     */
    ONLY_TLS_RSA,
    /** The device offers TLS 1.2 or later, with other suites that Microsoft 365 refuses. */
    SUITES,
    /** The device offers no version from TLS 1.2 up. */
    VERSION
  }

  /** ECDHE_ECDSA and ECDHE_RSA with AES in CBC (RFC 4492, RFC 5289) and GCM (RFC 5289). */
  private static final Set<Integer> ACCEPTED_IN_1_2 =
      Set.of(
          0xc009, 0xc00a, 0xc013, 0xc014, 0xc023, 0xc024, 0xc027, 0xc028, 0xc02b, 0xc02c, 0xc02f,
          0xc030);

  /** AES-128-GCM, AES-256-GCM, ChaCha20-Poly1305 (RFC 8446 appendix B.4). */
  private static final Set<Integer> ACCEPTED_IN_1_3 = Set.of(0x1301, 0x1302, 0x1303);

  /** TLS_RSA_*: NULL, RC4, IDEA, DES, 3DES, AES, Camellia and SEED, by the IANA registry. */
  private static final Set<Integer> STATIC_RSA =
      Set.of(
          0x0001, 0x0002, 0x0003, 0x0004, 0x0005, 0x0006, 0x0007, 0x0008, 0x0009, 0x000a, 0x002f,
          0x0035, 0x003b, 0x003c, 0x003d, 0x0041, 0x0084, 0x0096, 0x009c, 0x009d, 0x00ba, 0x00c0,
          0xc09c, 0xc09d, 0xc0a0, 0xc0a1);

  /** Signalling values, not suites: renegotiation (RFC 5746) and fallback (RFC 7507). */
  private static final Set<Integer> SIGNALS = Set.of(0x00ff, 0x5600);

  public static UpgradeNeed of(ClientHello hello) {
    List<TlsVersion> versions = hello.versions();
    Kind kind = kind(hello);
    if (kind == Kind.VERSION) {
      return new UpgradeNeed(kind, "offers " + named(versions) + " only");
    }
    boolean tls13 = versions.contains(TlsVersion.TLS_1_3);
    String newest = (tls13 ? TlsVersion.TLS_1_3 : TlsVersion.TLS_1_2).label();
    return new UpgradeNeed(
        kind,
        "offers "
            + newest
            + (switch (kind) {
              case NONE -> " with suites Microsoft 365 accepts";
              case ONLY_TLS_RSA -> ", but only TLS_RSA suites";
              default -> ", but no suite that Microsoft 365 accepts (ECDHE with AES)";
            }));
  }

  /** The kind alone, without the cost of the detail. */
  public static Kind kind(ClientHello hello) {
    boolean tls12 = hello.versions().contains(TlsVersion.TLS_1_2);
    boolean tls13 = hello.versions().contains(TlsVersion.TLS_1_3);
    if (!tls12 && !tls13) {
      return Kind.VERSION;
    }
    List<Integer> suites = hello.cipherSuites();
    if ((tls12 && !Collections.disjoint(suites, ACCEPTED_IN_1_2))
        || (tls13 && !Collections.disjoint(suites, ACCEPTED_IN_1_3))) {
      return Kind.NONE;
    }
    return hasOnlyStaticRsa(suites) ? Kind.ONLY_TLS_RSA : Kind.SUITES;
  }

  private static boolean hasOnlyStaticRsa(List<Integer> suites) {
    for (int suite : suites) {
      if (!STATIC_RSA.contains(suite) && !SIGNALS.contains(suite)) {
        return false;
      }
    }
    return !Collections.disjoint(suites, STATIC_RSA);
  }

  public boolean needed() {
    return kind != Kind.NONE;
  }

  private static String named(List<TlsVersion> versions) {
    return versions.isEmpty()
        ? "unknown versions"
        : versions.stream()
            .sorted()
            .map(TlsVersion::label)
            .distinct()
            .collect(Collectors.joining(", "));
  }
}
