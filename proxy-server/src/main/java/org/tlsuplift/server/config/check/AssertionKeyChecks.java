package org.tlsuplift.server.config.check;

import java.time.Instant;
import org.tlsuplift.proxy.keyfile.KeyFileException;
import org.tlsuplift.proxy.tls.OriginIdentity;
import org.tlsuplift.server.config.KeyFiles;
import org.tlsuplift.server.config.ReadableSecrets;
import org.tlsuplift.server.config.yaml.Problems;

/**
 * Checks what the application proves itself with: that Entra takes it, and that it is kept well.
 */
final class AssertionKeyChecks {
  private AssertionKeyChecks() {}

  /** Reads the files, each of which can be read. */
  static void check(String at, KeyFiles files, Problems problems) {
    OriginIdentity identity;
    try {
      identity = IdentityContent.read(files).identity();
    } catch (KeyFileException unusable) {
      problems.error(at, String.valueOf(unusable.getMessage()), "", "");
      return;
    }
    String algorithm = identity.certificate().getPublicKey().getAlgorithm();
    if (!algorithm.equals("RSA")) {
      problems.error(
          at,
          "the key of " + identity.subject() + " is of the kind " + algorithm,
          "a certificate with an RSA key",
          "Entra verifies the assertions of applications by RSA only");
    }
    if (Instant.now().isAfter(identity.certificate().getNotAfter().toInstant())) {
      problems.error(
          at,
          "the certificate of "
              + identity.subject()
              + " has expired at "
              + identity.certificate().getNotAfter().toInstant(),
          "one that is valid",
          "upload a new one to the application, and name it here");
    }
    ReadableSecrets.require(at, files.key(), problems);
    ReadableSecrets.require(at, files.pkcs12(), problems);
    ReadableSecrets.require(at, files.passwordFile(), problems);
  }
}
