package org.tlsuplift.server.config.check;

import java.security.cert.CertificateParsingException;
import java.util.List;
import org.tlsuplift.proxy.keyfile.KeyFileException;
import org.tlsuplift.proxy.tls.OriginIdentity;
import org.tlsuplift.server.config.KeyFiles;
import org.tlsuplift.server.config.ReadableSecrets;
import org.tlsuplift.server.config.yaml.Problems;

/** Checks what a route would present: that key and certificate can be used, and are kept well. */
final class ClientCertificateChecks {
  private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
  private static final String ANY_PURPOSE = "2.5.29.37.0";

  private ClientCertificateChecks() {}

  /**
   * Reads the files, each of which can be read.
   *
   * @param at where they are named, such as {@code routes[0].clientCertificate}
   */
  static void check(String at, KeyFiles files, Problems problems) {
    OriginIdentity identity;
    try {
      identity = IdentityContent.read(files).identity();
    } catch (KeyFileException unusable) {
      problems.error(at, String.valueOf(unusable.getMessage()), "", "");
      return;
    }
    purpose(at, identity, problems);
    secrecy(at, files, "who has it can send in your name", problems);
  }

  /**
   * Warns of files that others can read.
   *
   * @param risk what they can do then
   */
  static void secrecy(String at, KeyFiles files, String risk, Problems problems) {
    ReadableSecrets.warn(at + ".key", files.key(), risk, problems);
    ReadableSecrets.warn(at + ".pkcs12", files.pkcs12(), risk, problems);
    ReadableSecrets.warn(at + ".passwordFile", files.passwordFile(), risk, problems);
  }

  private static void purpose(String at, OriginIdentity identity, Problems problems) {
    try {
      List<String> purposes = identity.certificate().getExtendedKeyUsage();
      if (purposes != null && !purposes.contains(CLIENT_AUTH) && !purposes.contains(ANY_PURPOSE)) {
        problems.warning(
            at,
            "the certificate of "
                + identity.subject()
                + " is not for clients: its extended key usage lacks clientAuth",
            "origins that check it refuse it; ask your CA for one with clientAuth, or try");
      }
    } catch (CertificateParsingException malformed) {
      problems.warning(
          at,
          "the extended key usage of " + identity.subject() + " cannot be read",
          "origins may refuse it; get another certificate");
    }
  }
}
