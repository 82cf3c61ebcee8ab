package org.tlsuplift.proxy.route;

/** What becomes of a device whose ClientHello names another host than the one it goes to. */
public enum ServerNameMismatch {
  /** It is refused with the TLS alert unrecognized_name (RFC 6066 section 3). */
  REFUSE("refuse"),
  /** It is bridged, whatever it offers, and shown a certificate for the host it goes to. */
  USE_TARGET("useTarget");

  private final String label;

  ServerNameMismatch(String label) {
    this.label = label;
  }

  /** The word of the configuration. */
  public String label() {
    return label;
  }
}
