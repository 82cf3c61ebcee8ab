package org.tlsuplift.proxy.tls;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.TlsVersion;

/**
 * A named policy for the device's side: the versions and cipher suites that a listener agrees to.
 *
 * <p>If a profile needs several engines, each device gets the first engine that can serve its
 * offer.
 *
 * @param name the name in the configuration
 * @param policies in the order of preference; an engine may have several
 * @param withEcKey the first policy for a leaf with an EC key, if devices may get one beside the
 *     usual leaf
 */
public record TlsProfile(String name, List<TlsPolicy> policies, @Nullable TlsPolicy withEcKey) {
  public static final List<String> TLS_1_3_SUITES =
      List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");

  /** ECDHE with AEAD, for a leaf with an RSA key. */
  static final List<String> ECDHE_RSA_AEAD =
      List.of(
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  private static final TlsPolicy MODERN_POLICY =
      new TlsPolicy(
          TlsEngine.BORINGSSL,
          List.of(TlsVersion.TLS_1_3, TlsVersion.TLS_1_2),
          Stream.of(TLS_1_3_SUITES, ECDHE_RSA_AEAD).flatMap(List::stream).toList());

  /** Only TLS 1.2 and 1.3 with ECDHE and AEAD. */
  public static final TlsProfile MODERN =
      new TlsProfile("modern", List.of(MODERN_POLICY), MODERN_POLICY.withEcKey());

  /** Only TLS 1.2 and 1.3 with AEAD, for the admin pages with any kind of key. */
  public static final TlsPolicy OWN_PAGES =
      new TlsPolicy(
          TlsEngine.BORINGSSL,
          List.of(TlsVersion.TLS_1_3, TlsVersion.TLS_1_2),
          Stream.of(
                  TLS_1_3_SUITES,
                  List.of(
                      "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                      "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                      "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"),
                  ECDHE_RSA_AEAD)
              .flatMap(List::stream)
              .toList());

  /**
   * TLS_FALLBACK_SCSV: the device supports a newer version, but its handshake failed (RFC 7507).
   */
  private static final int FALLBACK = 0x5600;

  public TlsProfile {
    policies = List.copyOf(policies);
  }

  /** A profile for one kind of leaf. */
  public TlsProfile(String name, List<TlsPolicy> policies) {
    this(name, policies, null);
  }

  /**
   * The policy for a device that supports a leaf with a P-256 key, which costs this proxy a
   * twentieth of a signature with RSA-2048. Empty if the device does not offer all that such a leaf
   * needs, or gets another policy than the first. Also empty if the device accepts a leaf with an
   * RSA key too, and offers a better suite for it or has refused an EC key.
   *
   * @param usual the result of {@link #policyFor}
   * @param refused whether the device has refused a leaf with an EC key
   */
  public Optional<TlsPolicy> withEcKey(ClientHello hello, TlsPolicy usual, boolean refused) {
    return withEcKey != null
            && usual.equals(policies.get(0))
            && withEcKey.servesWithP256(hello)
            && !(usual.servesWithRsa(hello)
                && (refused || withEcKey.rank(hello) > usual.rank(hello)))
        ? Optional.of(withEcKey)
        : Optional.empty();
  }

  /**
   * The policy for a device: the first that serves its offer.
   *
   * <p>If none does, the first policy that shares a version refuses the device, because its error
   * is more useful. A device that fell back to an older version never gets a weaker policy, because
   * an attacker could have caused the fallback (RFC 7507). Only BoringSSL refuses it. A device that
   * needs small records gets an engine that supports them, if there is one for its version.
   */
  public TlsPolicy policyFor(ClientHello hello) {
    if (hello.cipherSuites().contains(FALLBACK)) {
      return policies.get(0);
    }
    TlsPolicy serving = null;
    TlsPolicy refusing = null;
    for (TlsPolicy policy : policies) {
      if (policy.serves(hello)) {
        if (!hello.smallRecords() || keepsRecordsSmall(policy, hello)) {
          return policy;
        }
        serving = serving == null ? policy : serving;
      } else if (refusing == null && policy.sharedVersion(hello).isPresent()) {
        refusing = policy;
      }
    }
    if (serving != null) {
      return serving;
    }
    return refusing == null ? policies.get(0) : refusing;
  }

  /** Whether the policy keeps records small and still agrees to the newest shared version. */
  private boolean keepsRecordsSmall(TlsPolicy policy, ClientHello hello) {
    return policy.engine().keepsRecordsSmall()
        && policy
            .sharedVersion(hello)
            .equals(versions().stream().filter(hello.versions()::contains).findFirst());
  }

  /** All versions of the policies, newest first. */
  public List<TlsVersion> versions() {
    return policies.stream()
        .flatMap(policy -> policy.versions().stream())
        .distinct()
        .sorted(Comparator.reverseOrder())
        .toList();
  }

  public List<String> cipherSuites() {
    return policies.stream().flatMap(policy -> policy.cipherSuites().stream()).distinct().toList();
  }

  /** Whether a device can agree on a suite, with a leaf of either kind of key. */
  public boolean hasSuite(String suite) {
    return cipherSuites().contains(suite)
        || (withEcKey != null && withEcKey.cipherSuites().contains(suite));
  }

  /** The allowed versions and suites, in one line for the operator. */
  public String allowed() {
    return "profile '%s': %s with %s"
        .formatted(
            name,
            String.join(", ", versions().stream().map(TlsVersion::label).toList()),
            String.join(", ", cipherSuites()));
  }
}
