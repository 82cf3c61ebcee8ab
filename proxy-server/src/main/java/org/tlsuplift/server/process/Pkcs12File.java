package org.tlsuplift.server.process;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;

/**
 * A PKCS#12 file (RFC 7292) with one private key.
 *
 * @param certificates all certificates of the file, in any order
 */
public record Pkcs12File(PrivateKey key, List<X509Certificate> certificates) {
  public Pkcs12File {
    certificates = List.copyOf(certificates);
  }

  /**
   * Reads a file's content.
   *
   * @param file the file's name, for messages
   * @param password the password of the file and of its key
   */
  public static Pkcs12File parse(Path file, byte[] content, String password)
      throws OperatorException {
    char[] secret = password.toCharArray();
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(new ByteArrayInputStream(content), secret);
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
        throw new OperatorException(
            file + " has " + keys.size() + " private keys; expected exactly one");
      }
      return new Pkcs12File(keys.get(0), certificates);
    } catch (IOException failed) {
      throw failed.getCause() instanceof UnrecoverableKeyException
          ? new OperatorException(
              file + " cannot be opened: the password is wrong; check the password")
          : corrupt(file);
    } catch (GeneralSecurityException | RuntimeException failed) {
      throw corrupt(file);
    }
  }

  private static OperatorException corrupt(Path file) {
    return new OperatorException(
        file
            + " is not a readable PKCS#12 file: it is corrupt, or its encryption is unknown;"
            + " create it with: openssl pkcs12 -export");
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
