package org.tlsuplift.server.config;

import org.tlsuplift.server.config.secret.IdentityContent;
import java.security.cert.CertificateParsingException;
import java.util.List;
import org.tlsuplift.proxy.keyfile.KeyFileException;
import org.tlsuplift.proxy.tls.OriginIdentity;
import org.tlsuplift.server.config.secret.KeyFiles;
import org.tlsuplift.server.config.secret.ReadableSecrets;
import org.tlsuplift.server.config.yaml.Problems;

/** Checks the client certificate of a route. */
final class ClientCertificateChecks {
  private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
  private static final String ANY_PURPOSE = "2.5.29.37.0";

  private ClientCertificateChecks() {}

  /**
   * Checks readable files.
   *
   * @param at their path, such as {@code routes[0].clientCertificate}
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
    secrecy(at, files, "anyone with this file can send mail as you", problems);
  }

  /**
   * Warns about files that others can read.
   *
   * @param risk what others can do with them
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
                + " has no clientAuth in its extended key usage",
            "some origins reject it, and Microsoft documents no answer: send a test mail, or get one with clientAuth from your CA");
      }
    } catch (CertificateParsingException malformed) {
      problems.warning(
          at,
          "the extended key usage of " + identity.subject() + " cannot be read",
          "origins may reject it; get another certificate");
    }
  }
}
