package org.tlsuplift.server.metrics;

import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.TlsVersion;

/** The values of the label {@code protocol}: every known version, and {@value #NONE}. */
final class ProtocolLabel {
  static final String NONE = "none";

  private ProtocolLabel() {}

  static String of(@Nullable TlsVersion version) {
    return version == null ? NONE : version.label();
  }
}
