package org.tlsuplift.server.demo;

import java.util.List;
import org.tlsuplift.proxy.model.TlsVersion;

/**
 * A device that speaks one version with one suite.
 *
 * @param name the kind of device
 * @param version the only version that it offers
 * @param cipherSuite the only suite that it offers
 * @param wayIn how it reaches the proxy
 */
record DemoDevice(String name, TlsVersion version, String cipherSuite, WayIn wayIn) {
  /** How a device reaches the proxy. */
  enum WayIn {
    /** It uses the proxy as an HTTP proxy. */
    CONNECT("web", "HTTP CONNECT"),
    /** It uses the proxy as if it were the origin. */
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
   * Static RSA as in 2005 and elliptic curves as in 2012, by either way in; and one that is new.
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

  /** Whether it needs the bridge. */
  boolean isOld() {
    return version.isLegacy();
  }
}
