package org.tlsuplift.proxy.tls.hello;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.TlsVersion;

/**
 * The numbers of a ClientHello as they stand in it, without those of GREASE.
 *
 * @param framing how the hello came
 * @param length the size of the message in bytes
 * @param announcedVersion the version field of the hello itself
 * @param supportedVersions the numbers in the extension of that name, or null when there is none
 * @param cipherSuites in the order offered
 * @param extensions the types of all extensions, in the order sent
 * @param serverName the normalised SNI host name, or null when there is no usable one
 * @param applicationProtocols the ALPN names, each byte one character
 * @param supportedGroups in the order offered
 * @param signatureAlgorithms in the order offered
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
   * <p>Where supported_versions is sent, only it counts (RFC 8446 section 4.2.1). Without it a
   * device announces its newest version only and RFC 5246 appendix E.1 leaves open how far down it
   * would go, so just that one is listed; a number above TLS 1.2 means TLS 1.2 there, as 1.3 cannot
   * be agreed without the extension.
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

  /** SSL 2.0 has a hello of its own: its number within one of SSL 3.0 or later means nothing. */
  private static Optional<TlsVersion> known(int code) {
    return TlsVersion.ofCode(code).filter(version -> version != TlsVersion.SSL_2);
  }
}
