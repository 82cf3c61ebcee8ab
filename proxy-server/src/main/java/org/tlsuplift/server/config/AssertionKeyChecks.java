package org.tlsuplift.server.config;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.keyfile.FileModes;
import org.tlsuplift.proxy.keyfile.KeyFileException;
import org.tlsuplift.proxy.tls.OriginIdentity;

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
    for (Path file : secrets(files)) {
      secrecy(at, file, problems);
    }
  }

  private static List<Path> secrets(KeyFiles files) {
    List<Path> secrets = new ArrayList<>();
    add(secrets, files.key());
    add(secrets, files.pkcs12());
    add(secrets, files.passwordFile());
    return secrets;
  }

  private static void add(List<Path> secrets, @Nullable Path file) {
    if (file != null) {
      secrets.add(file);
    }
  }

  private static void secrecy(String at, Path file, Problems problems) {
    try {
      FileModes.openToOthers(file, false)
          .ifPresent(
              mode ->
                  problems.error(
                      at,
                      "'" + file + "' is accessible to others (mode " + mode + ")",
                      "a file of this user alone",
                      "who has it has the mailboxes; run: chmod 600 " + file));
    } catch (IOException failed) {
      problems.warning(at, "the mode of '" + file + "' cannot be read", "check the file");
    }
  }
}
