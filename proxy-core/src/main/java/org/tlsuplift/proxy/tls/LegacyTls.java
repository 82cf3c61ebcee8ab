package org.tlsuplift.proxy.tls;

import java.util.List;
import java.util.stream.Stream;
import org.tlsuplift.proxy.session.TlsVersion;

/**
 * The only place that lets old TLS back in, and only towards devices.
 *
 * <p>TLS 1.0 and 1.1 are deprecated by RFC 8996: they sign with SHA-1, and their CBC suites leak to
 * an attacker on the path (BEAST, Lucky 13). TLS_RSA suites have no forward secrecy. They are
 * served here because the device can do no better and the path is a local network; nothing in this
 * class reaches the origin's side, whose contexts name their versions and suites themselves ({@link
 * TlsContexts}).
 */
public final class LegacyTls {
  /** AES-CBC with SHA-1 and ECDHE: the best a TLS 1.0 device can do. */
  private static final List<String> ECDHE_RSA_CBC =
      List.of("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA");

  /** Static RSA: what devices without elliptic curves need. */
  private static final List<String> STATIC_RSA =
      List.of(
          "TLS_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_RSA_WITH_AES_128_CBC_SHA",
          "TLS_RSA_WITH_AES_256_CBC_SHA");

  /** TLS 1.0 to 1.3 with all AES suites that BoringSSL still has for an RSA leaf. */
  public static final TlsProfile PROFILE =
      new TlsProfile(
          "legacy",
          List.of(TlsVersion.TLS_1_3, TlsVersion.TLS_1_2, TlsVersion.TLS_1_1, TlsVersion.TLS_1_0),
          Stream.of(TlsProfile.TLS_1_3_SUITES, TlsProfile.ECDHE_RSA_AEAD, ECDHE_RSA_CBC, STATIC_RSA)
              .flatMap(List::stream)
              .toList());

  private LegacyTls() {}
}
