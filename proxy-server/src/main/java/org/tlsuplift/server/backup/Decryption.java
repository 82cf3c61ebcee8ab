package org.tlsuplift.server.backup;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bouncycastle.openpgp.PGPCompressedData;
import org.bouncycastle.openpgp.PGPEncryptedData;
import org.bouncycastle.openpgp.PGPEncryptedDataList;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPKeyPair;
import org.bouncycastle.openpgp.PGPLiteralData;
import org.bouncycastle.openpgp.PGPMarker;
import org.bouncycastle.openpgp.PGPPBEEncryptedData;
import org.bouncycastle.openpgp.PGPPublicKeyEncryptedData;
import org.bouncycastle.openpgp.PGPSecretKey;
import org.bouncycastle.openpgp.PGPSecretKeyRingCollection;
import org.bouncycastle.openpgp.PGPUtil;
import org.bouncycastle.openpgp.bc.BcPGPObjectFactory;
import org.bouncycastle.openpgp.operator.bc.BcKeyFingerprintCalculator;
import org.bouncycastle.openpgp.operator.bc.BcPBEDataDecryptorFactory;
import org.bouncycastle.openpgp.operator.bc.BcPBESecretKeyDecryptorBuilder;
import org.bouncycastle.openpgp.operator.bc.BcPGPDigestCalculatorProvider;
import org.bouncycastle.openpgp.operator.bc.BcPublicKeyDataDecryptorFactory;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;

/** Opens an OpenPGP message by a passphrase or by a private key. */
public final class Decryption {
  private final char[] passphrase;
  private final @Nullable Path secretKey;

  private Decryption(char[] passphrase, @Nullable Path secretKey) {
    this.passphrase = passphrase;
    this.secretKey = secretKey;
  }

  /** Opens a backup that was encrypted by a passphrase. */
  public static Decryption byPassphrase(char[] passphrase) {
    return new Decryption(passphrase, null);
  }

  /**
   * Opens a backup that was encrypted to a public key.
   *
   * @param file from {@code gpg --export-secret-keys}
   * @param passphrase of the key; empty if it has none
   */
  public static Decryption bySecretKey(Path file, char[] passphrase) {
    return new Decryption(passphrase, file);
  }

  /** Whether anyone with the public key can have made what this opens. */
  boolean isByPublicKey() {
    return secretKey != null;
  }

  /**
   * The content of a message.
   *
   * <p>Do not trust what {@code content} returns before {@link #verify} returns true.
   */
  record Opened(InputStream content, PGPEncryptedData message) {
    /** Reads to the end, and returns whether nothing was changed or cut. */
    boolean verify() throws IOException {
      try {
        return message.verify();
      } catch (PGPException damaged) {
        return false;
      }
    }
  }

  /**
   * Opens a message.
   *
   * @throws OperatorException if this is not such a message, or if the key does not open it
   */
  Opened open(InputStream file) throws OperatorException {
    PGPEncryptedDataList list = list(file);
    try {
      PGPEncryptedData message = null;
      InputStream clear = null;
      for (PGPEncryptedData each : list) {
        clear = each.isIntegrityProtected() ? unlock(each) : null;
        if (clear != null) {
          message = each;
          break;
        }
      }
      if (clear == null || message == null) {
        throw new OperatorException(
            secretKey == null
                ? "the backup was not encrypted by a passphrase; use --secret-key"
                : "the backup was not encrypted to the key in " + secretKey);
      }
      return new Opened(literal(clear), message);
    } catch (IOException | PGPException | RuntimeException wrong) {
      throw new OperatorException(
          "the backup cannot be decrypted: the passphrase or the key is wrong, or the file is"
              + " damaged; nothing was written",
          wrong);
    }
  }

  private static PGPEncryptedDataList list(InputStream file) throws OperatorException {
    try {
      BcPGPObjectFactory objects = new BcPGPObjectFactory(PGPUtil.getDecoderStream(file));
      Object first = objects.nextObject();
      if (first instanceof PGPMarker) {
        first = objects.nextObject();
      }
      if (first instanceof PGPEncryptedDataList list) {
        return list;
      }
      throw new OperatorException("the file is not an encrypted backup of TLS Uplift");
    } catch (IOException | RuntimeException foreign) {
      throw new OperatorException("the file is not an encrypted backup of TLS Uplift", foreign);
    }
  }

  private @Nullable InputStream unlock(PGPEncryptedData message)
      throws PGPException, IOException, OperatorException {
    if (secretKey == null) {
      return message instanceof PGPPBEEncryptedData byPassphrase
          ? byPassphrase.getDataStream(
              new BcPBEDataDecryptorFactory(passphrase, new BcPGPDigestCalculatorProvider()))
          : null;
    }
    if (message instanceof PGPPublicKeyEncryptedData toKey) {
      PGPKeyPair key = keyPair(secretKey, toKey);
      return key == null ? null : toKey.getDataStream(new BcPublicKeyDataDecryptorFactory(key));
    }
    return null;
  }

  private @Nullable PGPKeyPair keyPair(Path file, PGPPublicKeyEncryptedData message)
      throws OperatorException {
    PGPSecretKey secret;
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      secret =
          new PGPSecretKeyRingCollection(
                  PGPUtil.getDecoderStream(in), new BcKeyFingerprintCalculator())
              .getSecretKey(message.getKeyIdentifier().getKeyId());
    } catch (IOException | PGPException | RuntimeException unusable) {
      throw new OperatorException(
          file + " has no OpenPGP private key; write it with: gpg --export-secret-keys ADDRESS",
          unusable);
    }
    if (secret == null) {
      return null;
    }
    try {
      return new PGPKeyPair(
          secret.getPublicKey(),
          secret.extractPrivateKey(
              new BcPBESecretKeyDecryptorBuilder(new BcPGPDigestCalculatorProvider())
                  .build(passphrase)));
    } catch (PGPException | RuntimeException wrong) {
      throw new OperatorException(file + ": the passphrase does not open this private key", wrong);
    }
  }

  private static InputStream literal(InputStream clear)
      throws IOException, PGPException, OperatorException {
    Object inner = new BcPGPObjectFactory(clear).nextObject();
    if (inner instanceof PGPCompressedData compressed) {
      // GnuPG compresses when an operator encrypts the ZIP file again.
      inner = new BcPGPObjectFactory(compressed.getDataStream()).nextObject();
    }
    if (inner instanceof PGPLiteralData literal) {
      return literal.getInputStream();
    }
    throw new IOException("no literal data");
  }
}
