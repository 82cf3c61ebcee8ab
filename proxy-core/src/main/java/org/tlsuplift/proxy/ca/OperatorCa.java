package org.tlsuplift.proxy.ca;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An operator's own CA, read from the files they have.
 *
 * <p>Certificates may come in any order and with more than is needed. Intermediates are sent to
 * devices, a self-signed root is not. Blocks on the disk: for start-up.
 */
public final class OperatorCa {
  private OperatorCa() {}

  /**
   * Reads PEM files, which may be one and the same.
   *
   * @param certificates the CA certificate, with its intermediates where there are any
   * @param key PKCS#8, plain or encrypted (PBES2); PKCS#1 or SEC 1. A plain key must not be
   *     readable to others; its group may read it, as secrets are often mounted so
   * @param password for an encrypted key
   * @throws CaException when the files cannot be used, naming the file and what to do
   */
  public static IssuingCa fromPem(Path certificates, Path key, @Nullable String password)
      throws CaException {
    return fromPem(certificates, key, password, Clock.systemUTC());
  }

  /**
   * Reads a PKCS#12 file with one private key and its certificates.
   *
   * @param password of the file and of the key in it
   * @throws CaException when the file cannot be used, saying what to do
   */
  public static IssuingCa fromPkcs12(Path file, String password) throws CaException {
    return fromPkcs12(file, password, Clock.systemUTC());
  }

  static IssuingCa fromPem(Path certificates, Path key, @Nullable String password, Clock clock)
      throws CaException {
    PemFile keyFile = PemFile.read(key);
    PrivateKey secret = keyFile.key(password);
    if (keyFile.hasPlainKey()) {
      try {
        PrivateFiles.require(key, false, "600");
      } catch (IOException failed) {
        throw CaException.of("read", key, failed);
      }
    }
    return CaChecks.check(
        secret,
        PemFile.read(certificates).certificates(),
        certificates.toString(),
        key.toString(),
        Provenance.OPERATOR,
        clock.instant());
  }

  static IssuingCa fromPkcs12(Path file, String password, Clock clock) throws CaException {
    char[] secret = password.toCharArray();
    try (InputStream content = Files.newInputStream(file)) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(content, secret);
      List<PrivateKey> keys = new ArrayList<>();
      List<X509Certificate> certificates = new ArrayList<>();
      for (String alias : Collections.list(store.aliases())) {
        Key key = store.getKey(alias, secret);
        if (key instanceof PrivateKey found) {
          keys.add(found);
          add(certificates, store.getCertificateChain(alias));
        } else {
          add(certificates, store.getCertificate(alias));
        }
      }
      if (keys.size() != 1) {
        throw new CaException(
            file + " holds " + keys.size() + " private keys; exactly one, the CA's, is allowed");
      }
      return CaChecks.check(
          keys.get(0),
          certificates,
          file.toString(),
          "the key in " + file,
          Provenance.OPERATOR,
          clock.instant());
    } catch (IOException failed) {
      throw failed.getCause() instanceof UnrecoverableKeyException
          ? new CaException(file + " cannot be opened: the password is wrong; give the right one")
          : failed instanceof FileSystemException
              ? CaException.of("read", file, failed)
              : corrupt(file);
    } catch (GeneralSecurityException | RuntimeException failed) {
      throw corrupt(file);
    }
  }

  private static CaException corrupt(Path file) {
    return new CaException(
        file
            + " is not a PKCS#12 file that can be read: it is corrupt, or its encryption unknown;"
            + " make it with: openssl pkcs12 -export");
  }

  private static void add(List<X509Certificate> certificates, Certificate @Nullable ... found) {
    if (found != null) {
      for (Certificate each : found) {
        if (each instanceof X509Certificate certificate && !certificates.contains(certificate)) {
          certificates.add(certificate);
        }
      }
    }
  }
}
