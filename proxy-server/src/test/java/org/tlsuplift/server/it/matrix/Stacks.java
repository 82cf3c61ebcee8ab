package org.tlsuplift.server.it.matrix;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.server.it.device.CurlDevice;
import org.tlsuplift.server.it.device.GnutlsDevice;
import org.tlsuplift.server.it.device.JsseDevices;
import org.tlsuplift.server.it.device.NodeDevice;
import org.tlsuplift.server.it.device.NssDevice;
import org.tlsuplift.server.it.device.Offer;
import org.tlsuplift.server.it.device.OpensslDevice;
import org.tlsuplift.server.it.device.Suite;
import org.tlsuplift.server.it.device.Trait;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Peers;

/**
 * The stacks that the devices of the handshake matrix are made of. A missing one skips the test.
 */
final class Stacks {
  private final Lab lab;
  private final JsseDevices jsse;

  /**
   * All of them.
   *
   * @param jsse the Java program that is the devices with Java's own TLS
   */
  Stacks(Lab lab, JsseDevices jsse) {
    this.lab = lab;
    this.jsse = jsse;
  }

  /** Node.js with an OpenSSL of its own. */
  Stack node(String release) {
    Peers.node(release);
    return new Stack(
        "Node.js " + release,
        offer ->
            new NodeDevice(
                release,
                offer.version().label().replace('.', '_') + "_method",
                offer.suites().isEmpty() ? "ALL" : openssl(offer)));
  }

  Stack java() {
    return new Stack("Java", jsse::device);
  }

  Stack nss() {
    Peers.require("tstclnt");
    return new Stack(
        "NSS",
        offer ->
            new NssDevice(
                lab,
                switch (offer.version()) {
                  case SSL_2 -> throw new IllegalArgumentException(offer.toString());
                  case SSL_3 -> "ssl3";
                  case TLS_1_0 -> "tls1.0";
                  case TLS_1_1 -> "tls1.1";
                  case TLS_1_2 -> "tls1.2";
                  case TLS_1_3 -> "tls1.3";
                },
                String.format(Locale.ROOT, "%04X", offer.suite().number()),
                offer.has(Trait.FALLBACK) ? List.of("-K") : List.of()));
  }

  Stack gnutls() {
    Peers.require("gnutls-cli");
    return new Stack("GnuTLS", offer -> new GnutlsDevice(GnutlsPriority.of(offer)));
  }

  Stack openssl() {
    Peers.require("openssl");
    return new Stack(
        "OpenSSL 3.5",
        offer -> {
          List<String> options = new ArrayList<>();
          boolean tls13 = offer.version() == TlsVersion.TLS_1_3;
          if (tls13) {
            options.addAll(List.of("-ciphersuites", offer.suite().iana()));
          }
          if (offer.has(Trait.FALLBACK)) {
            options.add("-fallback_scsv");
          }
          if (offer.has(Trait.SMALL_RECORDS)) {
            options.addAll(List.of("-maxfraglen", "512"));
          }
          if (offer.has(Trait.SHA1_SIGNATURES)) {
            options.addAll(List.of("-sigalgs", "RSA+SHA1"));
          }
          return new OpensslDevice(
              "-tls" + number(offer).replace(".0", "").replace('.', '_'),
              tls13 ? "ALL" : openssl(offer),
              options);
        });
  }

  /** curl, which uses the OpenSSL of today. */
  Stack curl() {
    Peers.require("curl");
    return new Stack("curl", offer -> new CurlDevice(number(offer), openssl(offer)));
  }

  /** The version of TLS, such as 1.0. */
  static String number(Offer offer) {
    return switch (offer.version()) {
      case SSL_2, SSL_3 -> throw new IllegalArgumentException(offer.toString());
      case TLS_1_0 -> "1.0";
      case TLS_1_1 -> "1.1";
      case TLS_1_2 -> "1.2";
      case TLS_1_3 -> "1.3";
    };
  }

  private static String openssl(Offer offer) {
    return offer.suites().stream().map(Suite::openssl).collect(Collectors.joining(":"));
  }
}
