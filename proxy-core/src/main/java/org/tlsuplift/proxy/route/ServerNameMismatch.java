package org.tlsuplift.proxy.route;

import org.tlsuplift.proxy.model.Labelled;

/** The reaction to a ClientHello that names another host than the device's target. */
public enum ServerNameMismatch implements Labelled {
  /** Refuse it with the TLS alert unrecognized_name (RFC 6066 section 3). */
  REFUSE("refuse"),
  /** Bridge it for any offer, with a certificate for its target. */
  USE_TARGET("useTarget");

  private final String label;

  ServerNameMismatch(String label) {
    this.label = label;
  }

  @Override
  public String label() {
    return label;
  }
}
