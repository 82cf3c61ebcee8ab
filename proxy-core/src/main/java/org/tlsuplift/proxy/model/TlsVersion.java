package org.tlsuplift.proxy.model;

import java.util.List;
import java.util.Optional;

/**
 * A version of SSL or TLS, by its number on the wire (RFC 8446 appendix D and its predecessors).
 */
public enum TlsVersion {
  /** SSL 2.0, forbidden by RFC 6176. It is recognised only so that a refusal can name it. */
  SSL_2(0x0002, "SSLv2"),
  /** SSL 3.0, RFC 6101, forbidden by RFC 7568. */
  SSL_3(0x0300, "SSLv3"),
  /** TLS 1.0, RFC 2246, deprecated by RFC 8996. */
  TLS_1_0(0x0301, "TLSv1"),
  /** TLS 1.1, RFC 4346, deprecated by RFC 8996. */
  TLS_1_1(0x0302, "TLSv1.1"),
  /** TLS 1.2, RFC 5246. */
  TLS_1_2(0x0303, "TLSv1.2"),
  /** TLS 1.3, RFC 8446. */
  TLS_1_3(0x0304, "TLSv1.3");

  private static final List<TlsVersion> ALL = List.of(values());

  private final int code;
  private final String label;

  TlsVersion(int code, String label) {
    this.code = code;
    this.label = label;
  }

  public int code() {
    return code;
  }

  /** The name that the JDK, Netty and the metrics use, such as {@code TLSv1.1}. */
  public String label() {
    return label;
  }

  /** Whether this version is older than TLS 1.2, the oldest that may leave the building. */
  public boolean isLegacy() {
    return compareTo(TLS_1_2) < 0;
  }

  public static Optional<TlsVersion> ofCode(int code) {
    for (TlsVersion version : ALL) {
      if (version.code == code) {
        return Optional.of(version);
      }
    }
    return Optional.empty();
  }

  public static Optional<TlsVersion> ofLabel(String label) {
    for (TlsVersion version : ALL) {
      if (version.label.equals(label)) {
        return Optional.of(version);
      }
    }
    return Optional.empty();
  }

  @Override
  public String toString() {
    return label;
  }
}
