package org.tlsuplift.server.it;

import java.util.Locale;

/** When TLS begins: asked for within the protocol, or at once. */
enum TlsForm {
  STARTTLS,
  IMPLICIT;

  /** As configurations say it. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
