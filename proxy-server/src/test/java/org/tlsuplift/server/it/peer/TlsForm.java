package org.tlsuplift.server.it.peer;

import java.util.Locale;

/** When TLS begins: asked for within the protocol, or at once. */
public enum TlsForm {
  STARTTLS,
  IMPLICIT;

  /** The label in configurations. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
