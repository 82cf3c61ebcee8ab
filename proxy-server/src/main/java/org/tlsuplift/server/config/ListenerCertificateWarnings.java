package org.tlsuplift.server.config;

import java.util.List;
import org.tlsuplift.proxy.ca.Extensions;
import org.tlsuplift.proxy.ca.KeyAlgorithm;
import org.tlsuplift.proxy.ca.SignatureHash;
import org.tlsuplift.server.config.binding.Problems;

/** Lists the weaknesses of the certificates of an antique listener. */
final class ListenerCertificateWarnings {
  private ListenerCertificateWarnings() {}

  static void check(
      String path, ListenerCertificate certificate, List<String> serverNames, Problems problems) {
    key(path + ".keyAlgorithm", certificate.keyAlgorithm(), problems);
    if (certificate.signature() == SignatureHash.SHA1) {
      problems.warning(
          path + ".signature",
          "'SHA1' signatures can be forged with enough money; the attacker can then impersonate any server to the devices that trust the CA of this listener",
          "remove the key if the devices support SHA-256");
    }
    if (certificate.extensions() != Extensions.ALL) {
      problems.warning(
          path + ".extensions",
          "'"
              + certificate.extensions().label()
              + "' removes the name constraints from the CA of this listener; anyone who steals or computes its key can impersonate any server to the devices that trust it",
          "install this CA on no other devices");
    }
    if (certificate.names() == ListenerCertificate.Names.ONE && serverNames.size() > 1) {
      problems.warning(
          path + ".names",
          "'one' gives devices that send no name (SNI) a certificate for '"
              + serverNames.get(0)
              + "' only",
          "put the name by which they reach this machine first in 'serverNames'");
    }
  }

  private static void key(String path, KeyAlgorithm algorithm, Problems problems) {
    switch (algorithm) {
      case RSA_2048, RSA_3072, RSA_4096 -> {}
      case RSA_1024 ->
          problems.warning(
              path,
              "'RSA-1024' keys can be computed from certificates with enough money; the attacker can then impersonate any server to the devices that trust the CA of this listener, and decrypt recorded TLS_RSA sessions",
              "remove the key if the devices support RSA-2048");
      case EC_P256 ->
          problems.warning(
              path,
              "'EC-P256' serves no device without ECDHE_ECDSA suites, and no device with SSLv3 only",
              "remove the key unless the devices reject RSA");
    }
  }
}
