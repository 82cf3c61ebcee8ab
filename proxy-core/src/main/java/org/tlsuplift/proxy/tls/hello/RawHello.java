package org.tlsuplift.proxy.tls.hello;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.TlsVersion;

/**
 * The numbers in a ClientHello, without GREASE.
 *
 * @param length the size of the message in bytes
 * @param announcedVersion the message's version field
 * @param supportedVersions the supported_versions extension, or null without it
 * @param extensions the types of all extensions, in the order sent
 * @param serverName the normalised SNI host name, or null without a usable one
 * @param applicationProtocols the ALPN names, with one character for each byte
 */
record RawHello(
    ClientHello.Framing framing,
    int length,
    int announcedVersion,
    @Nullable List<Integer> supportedVersions,
    List<Integer> cipherSuites,
    List<Integer> extensions,
    @Nullable String serverName,
    List<String> applicationProtocols,
    List<Integer> supportedGroups,
    List<Integer> signatureAlgorithms) {

  ClientHello toClientHello() {
    return new ClientHello(
        framing,
        versions(),
        cipherSuites,
        serverName,
        serverName == null && extensions.contains(ClientHelloBody.SERVER_NAME),
        applicationProtocols,
        supportedGroups,
        signatureAlgorithms,
        extensions.contains(ClientHelloBody.MAX_FRAGMENT_LENGTH),
        length,
        Ja4.of(this));
  }

  /**
   * The offered versions that are known, newest first.
   *
   * <p>If the device sends supported_versions, only this extension counts (RFC 8446 section 4.2.1).
   * Without the extension a device announces only its newest version, so the list has one entry
   * (RFC 5246 appendix E.1). A number above TLS 1.2 then counts as TLS 1.2, because TLS 1.3
   * requires the extension.
   */
  private List<TlsVersion> versions() {
    Set<TlsVersion> versions = new TreeSet<>(Comparator.reverseOrder());
    if (supportedVersions == null) {
      int announced = Math.min(announcedVersion, TlsVersion.TLS_1_2.code());
      known(announced).ifPresent(versions::add);
    } else {
      for (int code : supportedVersions) {
        known(code).ifPresent(versions::add);
      }
    }
    return List.copyOf(versions);
  }

  /**
   * Ignores SSL 2.0, which has its own ClientHello. In other ClientHellos its number has no
   * meaning.
   */
  private static Optional<TlsVersion> known(int code) {
    return TlsVersion.ofCode(code).filter(version -> version != TlsVersion.SSL_2);
  }
}
