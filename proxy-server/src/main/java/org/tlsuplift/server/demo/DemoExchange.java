package org.tlsuplift.server.demo;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.model.TlsVersion;

/**
 * What a device and the origin saw of one exchange.
 *
 * @param agreed version and suite on the device's side
 * @param certificate the certificate that the device received and verified
 * @param originSays version and suite on the origin's side, from its response
 */
record DemoExchange(
    DemoDevice device, TlsParameters agreed, X509Certificate certificate, String originSays) {
  String originVersion() {
    return originSays.split(" ", 2)[0];
  }

  String originCipherSuite() {
    String[] parts = originSays.split(" ", 2);
    return parts.length == 2 ? parts[1] : "";
  }

  /**
   * The differences from the expected exchange; empty for none.
   *
   * @param localCa the issuer for bridged devices
   * @param originCa the issuer for the origin
   */
  List<String> faults(X509Certificate localCa, X509Certificate originCa) {
    List<String> faults = new ArrayList<>();
    X509Certificate issuer = device.isOld() ? localCa : originCa;
    if (agreed.version() != device.version()
        || !agreed.cipherSuite().equals(device.cipherSuite())) {
      faults.add("agreed to " + agreed + " instead of the offered version");
    }
    if (!certificate.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())) {
      faults.add("got a certificate from " + certificate.getIssuerX500Principal());
    }
    if (!originVersion().equals(TlsVersion.TLS_1_2.label())) {
      faults.add("reached the origin by " + originSays + " instead of TLSv1.2");
    }
    if (!device.isOld() && !originCipherSuite().equals(agreed.cipherSuite())) {
      faults.add("is modern, but was not tunnelled: the two sides differ");
    }
    return faults.stream().map(fault -> "the " + device.name() + " " + fault).toList();
  }
}
