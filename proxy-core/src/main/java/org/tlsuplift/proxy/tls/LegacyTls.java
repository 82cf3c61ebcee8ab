package org.tlsuplift.proxy.tls;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.TlsVersion;

/**
 * The only place that enables old TLS, and only for devices.
 *
 * <p>TLS 1.0 and 1.1 are deprecated by RFC 8996: they sign with SHA-1, and their CBC suites leak to
 * an attacker on the path (BEAST, Lucky 13). TLS_RSA suites have no forward secrecy. SSL 3.0 is
 * forbidden by RFC 7568 (POODLE), RC4 by RFC 7465, and 3DES leaks in long connections (SWEET32).
 * The proxy accepts them because these devices support nothing better and the path is a local
 * network. This class never affects the origin's side, whose contexts set their own versions and
 * suites ({@link TlsContexts}).
 *
 * <p>The JDK's engine requires {@link RelaxedRuntime#prepare}, once, before the first use of TLS.
 * Most of these versions and suites also require {@link RelaxedRuntime#relax}.
 */
public final class LegacyTls {
  /** AES-CBC with SHA-1 and ECDHE: the best suites for TLS 1.0. */
  private static final List<String> ECDHE_RSA_CBC =
      List.of("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA");

  /** AES-CBC with static RSA, in every version since SSL 3.0. */
  private static final List<String> STATIC_RSA_CBC =
      List.of("TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_AES_256_CBC_SHA");

  /** Static RSA, for devices without elliptic curves. */
  private static final List<String> STATIC_RSA =
      Stream.concat(
              Stream.of("TLS_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_256_GCM_SHA384"),
              STATIC_RSA_CBC.stream())
          .toList();

  /** AES-CBC with SHA-2 and ECDHE, which BoringSSL does not have and every JDK enables. */
  private static final List<String> ECDHE_RSA_CBC_SHA2 =
      List.of("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384");

  /** More suites of TLS 1.2 that BoringSSL does not have. */
  private static final List<String> DROPPED_TLS_1_2 =
      List.of(
          "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256",
          "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256",
          "TLS_RSA_WITH_AES_128_CBC_SHA256",
          "TLS_RSA_WITH_AES_256_CBC_SHA256");

  /** DHE with AES, over a group of 1024 bits: old devices accept no larger one. */
  private static final List<String> DHE_RSA_CBC =
      List.of("TLS_DHE_RSA_WITH_AES_128_CBC_SHA", "TLS_DHE_RSA_WITH_AES_256_CBC_SHA");

  /** 3DES and RC4 with ECDHE, for devices new enough to have curves. */
  private static final List<String> ECDHE_RSA_BROKEN =
      List.of("TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA", "TLS_ECDHE_RSA_WITH_RC4_128_SHA");

  /** 3DES, RC4, and finally DES, which is easy to break. */
  private static final List<String> BROKEN =
      List.of(
          "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA",
          "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
          "TLS_RSA_WITH_RC4_128_SHA",
          "TLS_RSA_WITH_RC4_128_MD5",
          "TLS_DHE_RSA_WITH_DES_CBC_SHA",
          "TLS_RSA_WITH_DES_CBC_SHA");

  private static final TlsPolicy BORINGSSL =
      new TlsPolicy(
          TlsEngine.BORINGSSL,
          List.of(TlsVersion.TLS_1_3, TlsVersion.TLS_1_2, TlsVersion.TLS_1_1, TlsVersion.TLS_1_0),
          join(
              List.of(
                  TlsProfile.TLS_1_3_SUITES,
                  TlsProfile.ECDHE_RSA_AEAD,
                  ECDHE_RSA_CBC,
                  STATIC_RSA)));

  /**
   * The other suites of TLS 1.0 to 1.2. The policy repeats BoringSSL's suites for devices that send
   * no groups or need small records.
   */
  private static final TlsPolicy JDK_TLS =
      new TlsPolicy(
          TlsEngine.JDK,
          List.of(TlsVersion.TLS_1_2, TlsVersion.TLS_1_1, TlsVersion.TLS_1_0),
          join(
              List.of(
                  TlsProfile.ECDHE_RSA_AEAD,
                  ECDHE_RSA_CBC_SHA2,
                  DROPPED_TLS_1_2,
                  ECDHE_RSA_CBC,
                  STATIC_RSA,
                  DHE_RSA_CBC,
                  ECDHE_RSA_BROKEN,
                  BROKEN)));

  /**
   * SSL 3.0 without ECDHE. Its ClientHello cannot list groups, so the JDK would choose a group that
   * the device does not know.
   */
  private static final TlsPolicy JDK_SSL =
      new TlsPolicy(
          TlsEngine.JDK,
          List.of(TlsVersion.SSL_3),
          join(List.of(DHE_RSA_CBC, STATIC_RSA_CBC, BROKEN)));

  /** For devices that need small records. */
  private static final TlsPolicy JDK_TLS_1_3 =
      new TlsPolicy(TlsEngine.JDK, List.of(TlsVersion.TLS_1_3), TlsProfile.TLS_1_3_SUITES);

  /**
   * The JDK's default settings, for devices that BoringSSL cannot serve. If the Java runtime
   * disables some of these suites, the others remain.
   */
  public static final TlsPolicy JDK_DEFAULTS =
      new TlsPolicy(
          TlsEngine.JDK,
          List.of(TlsVersion.TLS_1_3, TlsVersion.TLS_1_2),
          join(
              List.of(
                  TlsProfile.TLS_1_3_SUITES,
                  TlsProfile.ECDHE_RSA_AEAD,
                  ECDHE_RSA_CBC_SHA2,
                  ECDHE_RSA_CBC)));

  /** TLS 1.0 to 1.3 with all AES suites for an RSA leaf that need no relaxed Java runtime. */
  public static final TlsProfile PROFILE =
      new TlsProfile("legacy", List.of(BORINGSSL, JDK_DEFAULTS), BORINGSSL.withEcKey());

  /**
   * TLS 1.0 to 1.3 with all AES suites for an RSA leaf, and what BoringSSL has removed: SSL 3.0,
   * DHE, 3DES, RC4, DES.
   */
  public static final TlsProfile ANTIQUE =
      new TlsProfile(
          "antique", List.of(BORINGSSL, JDK_TLS, JDK_SSL, JDK_TLS_1_3), BORINGSSL.withEcKey());

  /**
   * The antique profile for a leaf with an EC key, which devices without elliptic curves cannot
   * use.
   */
  public static final TlsProfile ANTIQUE_ECDSA =
      new TlsProfile("antique", List.of(BORINGSSL.withEcKey(), JDK_TLS.withEcKey(), JDK_TLS_1_3));

  private LegacyTls() {}

  /**
   * The strongest weaker profile that serves a device.
   *
   * @return the profile's name, or empty if no weaker profile serves the device
   */
  public static Optional<String> weakerProfileFor(ClientHello hello, TlsProfile refusing) {
    List<TlsProfile> weaker =
        switch (refusing.name()) {
          case "modern" -> List.of(PROFILE, ANTIQUE);
          case "legacy" -> List.of(ANTIQUE);
          default -> List.of();
        };
    return weaker.stream()
        .filter(profile -> profile.policyFor(hello).serves(hello))
        .findFirst()
        .map(TlsProfile::name);
  }

  private static List<String> join(List<List<String>> lists) {
    return lists.stream().flatMap(List::stream).toList();
  }
}
