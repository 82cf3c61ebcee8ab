package org.tlsuplift.server.process;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.bc.BcPEMDecryptorProvider;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;

/**
 * A PEM file (RFC 7468) with certificates, a private key or both.
 *
 * <p>Errors about a key omit the parser's message and the cause, because these may quote the key.
 */
public final class PemFile {
  private final Path file;
  private final List<Object> objects;

  private PemFile(Path file, List<Object> objects) {
    this.file = file;
    this.objects = objects;
  }

  /** Reads a file of up to 1 MiB. */
  public static PemFile read(Path file) throws OperatorException {
    return parse(file, KeyFileContent.of(file));
  }

  /**
   * Reads a file's content.
   *
   * @param file the file's name, for messages
   */
  public static PemFile parse(Path file, byte[] content) throws OperatorException {
    String text = new String(content, StandardCharsets.ISO_8859_1);
    List<Object> objects = new ArrayList<>();
    try (PEMParser parser = new PEMParser(new StringReader(text))) {
      for (Object next = parser.readObject(); next != null; next = parser.readObject()) {
        objects.add(next);
      }
    } catch (IOException | RuntimeException corrupt) {
      throw new OperatorException(
          file + " is corrupt: it is not valid PEM; restore the file from a backup");
    }
    return new PemFile(file, objects);
  }

  /** The certificates in the order of the file, at least one. */
  public List<X509Certificate> certificates() throws OperatorException {
    List<X509Certificate> certificates = new ArrayList<>();
    for (Object object : objects) {
      if (object instanceof X509CertificateHolder holder) {
        try {
          certificates.add(new JcaX509CertificateConverter().getCertificate(holder));
        } catch (GeneralSecurityException corrupt) {
          throw new OperatorException(
              file + " has a corrupt certificate; restore the file from a backup", corrupt);
        }
      }
    }
    if (certificates.isEmpty()) {
      throw new OperatorException(
          file + " has no certificate; expected a PEM file with BEGIN CERTIFICATE");
    }
    return certificates;
  }

  /** Whether the file has an unencrypted private key. */
  public boolean hasPlainKey() {
    return objects.stream()
        .anyMatch(each -> each instanceof PrivateKeyInfo || each instanceof PEMKeyPair);
  }

  /**
   * The private key: PKCS#8 plain or encrypted, PKCS#1 or SEC 1.
   *
   * @param password for an encrypted key, otherwise ignored
   */
  public PrivateKey key(@Nullable String password) throws OperatorException {
    for (Object object : objects) {
      try {
        if (object instanceof PrivateKeyInfo plain) {
          return new JcaPEMKeyConverter().getPrivateKey(plain);
        } else if (object instanceof PEMKeyPair plain) {
          return new JcaPEMKeyConverter().getPrivateKey(plain.getPrivateKeyInfo());
        } else if (object instanceof PEMEncryptedKeyPair encrypted) {
          char[] secret = required(password);
          PEMKeyPair plain = encrypted.decryptKeyPair(new BcPEMDecryptorProvider(secret));
          return new JcaPEMKeyConverter().getPrivateKey(plain.getPrivateKeyInfo());
        } else if (object instanceof PKCS8EncryptedPrivateKeyInfo encrypted) {
          return decrypt(encrypted, required(password));
        }
      } catch (IOException | GeneralSecurityException | RuntimeException corrupt) {
        throw new OperatorException(
            file
                + (password == null
                    ? " has a corrupt private key; restore the file from a backup"
                    : (" cannot be decrypted: the password is wrong, the file is corrupt, or its "
                            + "encryption is unknown; to change the encryption, run: "
                            + "openssl pkcs8 -topk8 -v2 aes-256-cbc -in %s")
                        .formatted(file)));
      }
    }
    throw new OperatorException(
        file + " has no private key; expected a PEM file with BEGIN PRIVATE KEY");
  }

  private char[] required(@Nullable String password) throws OperatorException {
    if (password == null) {
      throw new OperatorException(file + " is encrypted; give its password as well");
    }
    return password.toCharArray();
  }

  /**
   * Uses only the JDK, because BouncyCastle's provider loses its valid signature when its classes
   * are merged into this program's jar.
   */
  private static PrivateKey decrypt(PKCS8EncryptedPrivateKeyInfo encrypted, char[] password)
      throws IOException, GeneralSecurityException {
    EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(encrypted.getEncoded());
    // For PBES2 (RFC 8018 section 6.2) only the parameters name the whole scheme.
    String scheme =
        info.getAlgName().equals("PBES2")
                || info.getAlgName().equals(PKCSObjectIdentifiers.id_PBES2.getId())
            ? info.getAlgParameters().toString()
            : info.getAlgName();
    PBEKeySpec spec = new PBEKeySpec(password);
    try {
      Cipher cipher = Cipher.getInstance(scheme);
      cipher.init(
          Cipher.DECRYPT_MODE,
          SecretKeyFactory.getInstance(scheme).generateSecret(spec),
          info.getAlgParameters());
      return new JcaPEMKeyConverter()
          .getPrivateKey(PrivateKeyInfo.getInstance(info.getKeySpec(cipher).getEncoded()));
    } finally {
      spec.clearPassword();
    }
  }

  /** A PEM block with lines of 64 characters. */
  public static byte[] block(String type, byte[] der) {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return ("-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n")
        .getBytes(StandardCharsets.US_ASCII);
  }
}
