package org.tlsuplift.server.config;

import java.util.List;
import org.tlsuplift.proxy.ca.Extensions;
import org.tlsuplift.proxy.ca.KeyAlgorithm;
import org.tlsuplift.proxy.ca.SignatureHash;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.server.config.binding.Key;
import org.tlsuplift.server.config.binding.Key.Refused;
import org.tlsuplift.server.config.binding.Problems;

/**
 * The form of the certificates and the CA of an antique listener. By default they are as on other
 * listeners.
 *
 * @param names in a certificate
 * @param extensions of the CA and its certificates
 */
public record ListenerCertificate(
    @Key(
            fallback = "RSA-2048",
            words = {"RSA-1024", "RSA-2048", "EC-P256"},
            refused =
                @Refused(
                    words = {"RSA-512", "RSA-768"},
                    why = "such keys can be computed within hours; use RSA-1024"))
        KeyAlgorithm keyAlgorithm,
    @Key(
            fallback = "SHA256",
            words = {"SHA1", "SHA256"},
            refused =
                @Refused(
                    words = "MD5",
                    why =
                        "MD5 signatures can be forged within minutes; use SHA1, which these devices support too"))
        SignatureHash signature,
    @Key(fallback = "all") Names names,
    @Key(fallback = "all") Extensions extensions) {
  /** Warns about the weaknesses of the certificates. */
  void warn(String path, List<String> serverNames, Problems problems) {
    key(path + ".keyAlgorithm", problems);
    if (signature == SignatureHash.SHA1) {
      problems.warning(
          path + ".signature",
          "'SHA1' signatures can be forged with enough money; the attacker can then impersonate any server to the devices that trust the CA of this listener",
          "remove the key if the devices support SHA-256");
    }
    if (extensions != Extensions.ALL) {
      problems.warning(
          path + ".extensions",
          "'"
              + extensions.label()
              + "' removes the name constraints from the CA of this listener; anyone who steals or computes its key can impersonate any server to the devices that trust it",
          "install this CA on no other devices");
    }
    if (names == Names.ONE && serverNames.size() > 1) {
      problems.warning(
          path + ".names",
          "'one' gives devices that send no name (SNI) a certificate for '"
              + serverNames.get(0)
              + "' only",
          "put the name by which they reach this machine first in 'serverNames'");
    }
  }

  private void key(String path, Problems problems) {
    switch (keyAlgorithm) {
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

  /** The names in a certificate. */
  public enum Names implements Labelled {
    /** All names of the origin and of this machine. */
    ALL,
    /** The name that the device requests. */
    ONE
  }
}
