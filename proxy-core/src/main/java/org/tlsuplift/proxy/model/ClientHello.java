package org.tlsuplift.proxy.model;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a device offered in its ClientHello, before anything was answered.
 *
 * @param framing how the hello came: in TLS records or in the framing of SSL 2.0
 * @param versions the versions offered, newest first; those known to {@link TlsVersion} only
 * @param cipherSuites suite numbers in the order offered, GREASE (RFC 8701) left out
 * @param serverName the SNI host name (RFC 6066), normalised, or null when none was sent
 * @param unusableServerName whether an SNI was sent that names no single host: an address, several
 *     names, or something that is no name
 * @param applicationProtocols the ALPN names (RFC 7301) in the order offered
 * @param supportedGroups the named groups in the order offered
 * @param signatureAlgorithms the signature algorithms in the order offered
 * @param smallRecords whether it has room for small records only: it asks for 4096 bytes or less
 *     (max_fragment_length, RFC 6066)
 * @param length the size of the message in bytes, without the headers of records
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

  /** How a hello is framed on the wire. */
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

  /** The newest version offered; empty when the device offers none that is known. */
  public Optional<TlsVersion> newestVersion() {
    return versions.stream().findFirst();
  }
}
