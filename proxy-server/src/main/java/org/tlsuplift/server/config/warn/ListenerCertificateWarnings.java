package org.tlsuplift.server.config.warn;

import java.util.List;
import org.tlsuplift.proxy.ca.Extensions;
import org.tlsuplift.proxy.ca.KeyAlgorithm;
import org.tlsuplift.proxy.ca.SignatureHash;
import org.tlsuplift.server.config.ListenerCertificate;
import org.tlsuplift.server.config.yaml.Problems;

/** Says in plain words what is weak about the certificates of an antique listener. */
final class ListenerCertificateWarnings {
  private ListenerCertificateWarnings() {}

  static void check(
      String path, ListenerCertificate certificate, List<String> serverNames, Problems problems) {
    key(path + ".keyAlgorithm", certificate.keyAlgorithm(), problems);
    if (certificate.signature() == SignatureHash.SHA1) {
      problems.warning(
          path + ".signature",
          "'SHA1' signatures can be forged by those who can pay for it: they can then pose as any"
              + " server towards the devices that trust the CA of this listener",
          "leave 'signature' out if the devices know SHA-256");
    }
    if (certificate.extensions() != Extensions.ALL) {
      problems.warning(
          path + ".extensions",
          "'"
              + certificate.extensions().label()
              + "' leaves the CA of this listener without name constraints: who steals or computes"
              + " its key can pose as any server towards the devices that trust it",
          "give it to no other devices");
    }
    if (certificate.names() == ListenerCertificate.Names.ONE && serverNames.size() > 1) {
      problems.warning(
          path + ".names",
          "'one' shows devices that send no name (SNI) '" + serverNames.get(0) + "' alone",
          "put the name that they know this machine by first in 'serverNames'");
    }
  }

  private static void key(String path, KeyAlgorithm algorithm, Problems problems) {
    switch (algorithm) {
      case RSA_2048, RSA_3072, RSA_4096 -> {}
      case RSA_1024 ->
          problems.warning(
              path,
              "'RSA-1024' keys can be computed from their certificates by those who can pay for it:"
                  + " they can then pose as any server towards the devices that trust the CA of this"
                  + " listener, and read recordings of TLS_RSA sessions",
              "leave 'keyAlgorithm' out if the devices know RSA-2048");
      case EC_P256 ->
          problems.warning(
              path,
              "'EC-P256' serves no device without ECDHE_ECDSA suites, and none with SSLv3 alone",
              "leave 'keyAlgorithm' out unless the devices refuse RSA");
    }
  }
}
