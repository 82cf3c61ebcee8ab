package org.tlsuplift.proxy.tls.hello;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.TlsVersion;

/**
 * The numbers in a ClientHello, without GREASE.
 *
 * @param length the size of the message in bytes
 * @param announcedVersion the version field of the hello itself
 * @param supportedVersions the extension of that name, or null without it
 * @param extensions the types of all extensions, in the order sent
 * @param serverName the normalised SNI host name, or null without a usable one
 * @param applicationProtocols the ALPN names, each byte one character
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
   * The known versions on offer, newest first.
   *
   * <p>If supported_versions is sent, only it counts (RFC 8446 section 4.2.1). Without it a device
   * announces only its newest version, and RFC 5246 appendix E.1 does not say how far down it would
   * go: so that one is listed. A number above TLS 1.2 then means TLS 1.2, as 1.3 needs the
   * extension.
   */
  private List<TlsVersion> versions() {
    List<TlsVersion> versions = new ArrayList<>();
    if (supportedVersions == null) {
      int announced = Math.min(announcedVersion, TlsVersion.TLS_1_2.code());
      known(announced).ifPresent(versions::add);
    } else {
      supportedVersions.stream()
          .flatMap(code -> known(code).stream())
          .distinct()
          .sorted(Comparator.reverseOrder())
          .forEach(versions::add);
    }
    return versions;
  }

  /** SSL 2.0 has its own hello: its number in a later one means nothing. */
  private static Optional<TlsVersion> known(int code) {
    return TlsVersion.ofCode(code).filter(version -> version != TlsVersion.SSL_2);
  }
}
