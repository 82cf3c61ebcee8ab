package org.tlsuplift.server.authority;

import java.io.IOException;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.time.Clock;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.ca.CaChecks;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.ca.Provenance;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.process.FileModes;
import org.tlsuplift.server.process.KeyFileContent;
import org.tlsuplift.server.process.PemFile;
import org.tlsuplift.server.process.Pkcs12File;

/**
 * Reads an operator's own CA from files.
 *
 * <p>Certificates may come in any order, and unrelated ones are ignored. Intermediates are sent to
 * devices; a self-signed root is not. Blocks on the disk, so call it only at start-up.
 */
final class OperatorCa {
  private OperatorCa() {}

  /**
   * Reads PEM files, which may be the same file.
   *
   * @param certificates the CA certificate, with its intermediates if there are any
   * @param key PKCS#8, plain or encrypted (PBES2), PKCS#1 or SEC 1. Other users must not be able to
   *     read a plain key; its group may, because secrets are often mounted in this way
   * @param password the password of an encrypted key
   * @throws OperatorException with the file and the remedy
   */
  static IssuingCa fromPem(Path certificates, Path key, @Nullable String password)
      throws OperatorException {
    return fromPem(certificates, key, password, Clock.systemUTC());
  }

  /**
   * Reads a PKCS#12 file with one private key and its certificates.
   *
   * @param password the password of the file and of its key
   * @throws OperatorException with the remedy
   */
  static IssuingCa fromPkcs12(Path file, String password) throws OperatorException {
    return fromPkcs12(file, password, Clock.systemUTC());
  }

  static IssuingCa fromPem(Path certificates, Path key, @Nullable String password, Clock clock)
      throws OperatorException {
    try {
      PemFile keyFile = PemFile.read(key);
      PrivateKey secret = keyFile.key(password);
      if (keyFile.hasPlainKey()) {
        Optional<String> open = FileModes.openToOthers(key);
        if (open.isPresent()) {
          throw CaStore.exposed(key, open.get(), "600");
        }
      }
      return CaChecks.check(
          secret,
          PemFile.read(certificates).certificates(),
          certificates.toString(),
          key.toString(),
          Provenance.OPERATOR,
          clock.instant());
    } catch (IOException failed) {
      throw OperatorException.of("read", key, failed);
    }
  }

  static IssuingCa fromPkcs12(Path file, String password, Clock clock) throws OperatorException {
    Pkcs12File found = Pkcs12File.parse(file, KeyFileContent.of(file), password);
    return CaChecks.check(
        found.key(),
        found.certificates(),
        file.toString(),
        "the key in " + file,
        Provenance.OPERATOR,
        clock.instant());
  }
}
