package org.tlsuplift.proxy.model;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The offer in a device's ClientHello.
 *
 * @param versions newest first; only those that {@link TlsVersion} knows
 * @param cipherSuites numbers in the order offered, without GREASE (RFC 8701)
 * @param serverName the SNI host name (RFC 6066), normalised, or null without a usable one
 * @param unusableServerName whether the device sent an SNI that does not name exactly one host: an
 *     address, several names or none
 * @param applicationProtocols the ALPN names (RFC 7301) in the order offered
 * @param supportedGroups the named groups in the order offered
 * @param signatureAlgorithms in the order offered
 * @param smallRecords whether the device requests records of 4096 bytes or less
 *     (max_fragment_length, RFC 6066)
 * @param length the size of the message in bytes, without record headers
 * @param ja4 the JA4 fingerprint
 */
public record ClientHello(
    Framing framing,
    List<TlsVersion> versions,
    List<Integer> cipherSuites,
    @Nullable String serverName,
    boolean unusableServerName,
    List<String> applicationProtocols,
    List<Integer> supportedGroups,
    List<Integer> signatureAlgorithms,
    boolean smallRecords,
    int length,
    String ja4) {

  /** The framing of a ClientHello on the wire. */
  public enum Framing {
    /** In TLS records (RFC 8446 section 5.1). */
    TLS,
    /** In an SSL 2.0 record, as RFC 5246 appendix E.2 describes it. */
    SSL_2
  }

  public ClientHello {
    versions = List.copyOf(versions);
    cipherSuites = List.copyOf(cipherSuites);
    applicationProtocols = List.copyOf(applicationProtocols);
    supportedGroups = List.copyOf(supportedGroups);
    signatureAlgorithms = List.copyOf(signatureAlgorithms);
  }

  /** The newest offered version; empty if {@link TlsVersion} knows none of them. */
  public Optional<TlsVersion> newestVersion() {
    return versions.isEmpty() ? Optional.empty() : Optional.of(versions.get(0));
  }
}
