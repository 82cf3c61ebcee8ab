package org.tlsuplift.proxy.route;

/** What to do with a device whose ClientHello names another host than its target. */
public enum ServerNameMismatch {
  /** Refuse it with the TLS alert unrecognized_name (RFC 6066 section 3). */
  REFUSE("refuse"),
  /** Bridge it, whatever it offers, with a certificate for its target. */
  USE_TARGET("useTarget");

  private final String label;

  ServerNameMismatch(String label) {
    this.label = label;
  }

  public String label() {
    return label;
  }
}
