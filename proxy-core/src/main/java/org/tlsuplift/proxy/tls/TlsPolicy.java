package org.tlsuplift.proxy.tls;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.tls.hello.CipherSuites;

/**
 * The versions and suites that one TLS engine accepts from devices.
 *
 * @param versions newest first
 * @param cipherSuites IANA names in the proxy's order of preference; the device's order is ignored
 */
public record TlsPolicy(TlsEngine engine, List<TlsVersion> versions, List<String> cipherSuites) {
  private static final int P_256 = 23;

  /** {@code ecdsa_secp256r1_sha256} (RFC 8446 section 4.2.3). */
  private static final int ECDSA_P256_SHA256 = 0x0403;

  /** {@code SignatureAlgorithm.rsa} (RFC 5246 section 7.4.1.4.1). */
  private static final int RSA = 1;

  /** {@code rsa_pss_rsae_sha256} to {@code rsa_pss_rsae_sha512} (RFC 8446 section 4.2.3). */
  private static final int RSA_PSS_SHA256 = 0x0804;

  private static final int RSA_PSS_SHA512 = 0x0806;

  /** P-256, P-384, P-521 and X25519 (RFC 8446 section 4.2.7), which both engines support. */
  private static final Set<Integer> GROUPS = Set.of(23, 24, 25, 29);

  public TlsPolicy {
    versions = List.copyOf(versions);
    cipherSuites = List.copyOf(cipherSuites);
  }

  /** The version that the engine would agree to: the newest one that both sides support. */
  Optional<TlsVersion> sharedVersion(ClientHello hello) {
    for (TlsVersion version : versions) {
      if (hello.versions().contains(version)) {
        return Optional.of(version);
      }
    }
    return Optional.empty();
  }

  /** Whether the policy serves a device: they share a version and a suite for it. */
  boolean serves(ClientHello hello) {
    return rank(hello) < cipherSuites.size();
  }

  /**
   * The place of the best suite that both sides share, or the number of suites if there is none.
   */
  int rank(ClientHello hello) {
    Optional<TlsVersion> version = sharedVersion(hello);
    if (version.isEmpty() || hello.length() > engine.maxHello()) {
      return cipherSuites.size();
    }
    int place = 0;
    while (place < cipherSuites.size() && !agrees(hello, version.get(), cipherSuites.get(place))) {
      place++;
    }
    return place;
  }

  private boolean agrees(ClientHello hello, TlsVersion version, String suite) {
    OptionalInt number = CipherSuites.numberOf(suite);
    return number.isPresent()
        && hello.cipherSuites().contains(number.getAsInt())
        && exists(suite, version)
        && (!suite.startsWith("TLS_ECDHE_") || hasGroup(hello));
  }

  /**
   * Whether the policy serves a device with a leaf that has a P-256 key: the device also accepts
   * this curve (RFC 8422 section 5.1.1), and from TLS 1.2 its signatures with SHA-256.
   */
  boolean servesWithP256(ClientHello hello) {
    return hello.supportedGroups().contains(P_256)
        && (hello.signatureAlgorithms().contains(ECDSA_P256_SHA256)
            || sharedVersion(hello).filter(version -> version.isLegacy()).isPresent())
        && serves(hello);
  }

  /**
   * Whether the policy serves a device with a leaf that has an RSA key: they share a suite for it,
   * and from TLS 1.2 the device also accepts RSA signatures (RFC 8446 section 4.2.3).
   */
  boolean servesWithRsa(ClientHello hello) {
    return serves(hello)
        && (sharedVersion(hello).filter(TlsVersion::isLegacy).isPresent()
            || hello.signatureAlgorithms().isEmpty()
            || acceptsRsa(hello));
  }

  private static boolean acceptsRsa(ClientHello hello) {
    for (int signatureAlgorithm : hello.signatureAlgorithms()) {
      if (isRsa(signatureAlgorithm)) {
        return true;
      }
    }
    return false;
  }

  /** {@code rsa_pkcs1_*}, whose low byte names RSA since TLS 1.2, and {@code rsa_pss_rsae_*}. */
  private static boolean isRsa(int signatureAlgorithm) {
    return (signatureAlgorithm & 0xFF) == RSA
        || (signatureAlgorithm >= RSA_PSS_SHA256 && signatureAlgorithm <= RSA_PSS_SHA512);
  }

  /**
   * The policy for a leaf with an EC key: the ECDHE_RSA suites become ECDHE_ECDSA suites, and all
   * others with RSA, the last ones, are left out.
   */
  TlsPolicy withEcKey() {
    return new TlsPolicy(
        engine,
        versions,
        cipherSuites.stream()
            .map(suite -> suite.replace("TLS_ECDHE_RSA_", "TLS_ECDHE_ECDSA_"))
            .filter(suite -> !suite.contains("_RSA_"))
            .toList());
  }

  public static boolean exists(String suite, TlsVersion version) {
    if (TlsProfile.TLS_1_3_SUITES.contains(suite)) {
      return version == TlsVersion.TLS_1_3;
    }
    // AEAD and SHA-2 suites exist since TLS 1.2 (RFC 5246, RFC 5288, RFC 5289).
    boolean since12 = suite.endsWith("_SHA256") || suite.endsWith("_SHA384");
    return since12 ? version == TlsVersion.TLS_1_2 : version != TlsVersion.TLS_1_3;
  }

  /**
   * A device that sends no groups leaves the choice to the server (RFC 8422 section 4). BoringSSL
   * refuses to choose; the JDK chooses its own first group.
   */
  private boolean hasGroup(ClientHello hello) {
    return hello.supportedGroups().isEmpty()
        ? engine == TlsEngine.JDK
        : !Collections.disjoint(hello.supportedGroups(), GROUPS);
  }
}
