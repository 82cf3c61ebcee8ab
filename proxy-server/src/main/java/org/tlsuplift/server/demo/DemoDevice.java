package org.tlsuplift.server.demo;

import java.util.List;
import org.tlsuplift.proxy.model.TlsVersion;

/** A device that supports one version and one cipher suite. */
record DemoDevice(String name, TlsVersion version, String cipherSuite, WayIn wayIn) {
  enum WayIn {
    /** The proxy is an HTTP proxy. */
    CONNECT("web", "HTTP CONNECT"),
    /** The proxy takes the place of the origin. */
    FIXED("fixed", "fixed port");

    private final String listener;
    private final String label;

    WayIn(String listener, String label) {
      this.listener = listener;
      this.label = label;
    }

    String listener() {
      return listener;
    }

    String label() {
      return label;
    }
  }

  /**
   * Static RSA as in 2005 and elliptic curves as in 2012, on both listeners, and one modern device.
   */
  static List<DemoDevice> all() {
    return List.of(
        new DemoDevice(
            "printer", TlsVersion.TLS_1_0, "TLS_RSA_WITH_AES_128_CBC_SHA", WayIn.CONNECT),
        new DemoDevice(
            "scanner", TlsVersion.TLS_1_0, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", WayIn.FIXED),
        new DemoDevice(
            "phone", TlsVersion.TLS_1_1, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", WayIn.CONNECT),
        new DemoDevice(
            "alarm panel", TlsVersion.TLS_1_1, "TLS_RSA_WITH_AES_256_CBC_SHA", WayIn.FIXED),
        new DemoDevice(
            "new laptop",
            TlsVersion.TLS_1_2,
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            WayIn.CONNECT));
  }

  boolean isOld() {
    return version.isLegacy();
  }
}
