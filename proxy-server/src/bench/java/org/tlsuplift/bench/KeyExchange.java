package org.tlsuplift.bench;

/** The only key exchange that an origin with TLS 1.3 accepts, and that both proxies offer first. */
enum KeyExchange {
  /** Both proxies offer X25519 too, with a key share for each, as they do by default. */
  HYBRID("X25519MLKEM768", ""),
  CLASSIC("X25519", "-x25519");

  private final String group;
  private final String suffix;

  KeyExchange(String group, String suffix) {
    this.group = group;
    this.suffix = suffix;
  }

  String group() {
    return group;
  }

  /** The id of its row. */
  String row() {
    return Settings.POST_QUANTUM + suffix;
  }

  /** For the section {@code global} of HAProxy; its OpenSSL 3.5 has the hybrid by default. */
  String haproxy() {
    return this == HYBRID ? "" : "  ssl-default-server-curves " + group + "\n";
  }

  /** For the section {@code upstream} of TLS Uplift. */
  String uplift() {
    return "  postQuantum: " + (this == HYBRID) + "\n";
  }
}
