package org.tlsuplift.server.backup;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.SignatureSubpacketTags;
import org.bouncycastle.bcpg.SymmetricKeyAlgorithmTags;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.bouncycastle.openpgp.PGPEncryptedDataGenerator;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPLiteralData;
import org.bouncycastle.openpgp.PGPLiteralDataGenerator;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.PGPPublicKeyRingCollection;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureSubpacketVector;
import org.bouncycastle.openpgp.PGPUtil;
import org.bouncycastle.openpgp.operator.PGPKeyEncryptionMethodGenerator;
import org.bouncycastle.openpgp.operator.bc.BcKeyFingerprintCalculator;
import org.bouncycastle.openpgp.operator.bc.BcPBEKeyEncryptionMethodGenerator;
import org.bouncycastle.openpgp.operator.bc.BcPGPDataEncryptorBuilder;
import org.bouncycastle.openpgp.operator.bc.BcPGPDigestCalculatorProvider;
import org.bouncycastle.openpgp.operator.bc.BcPublicKeyKeyEncryptionMethodGenerator;
import org.tlsuplift.proxy.outcome.OperatorException;

/**
 * Encrypts a backup as an OpenPGP message (RFC 4880) with AES-256 and an integrity check. GnuPG
 * opens the message.
 */
public final class Encryption {
  /** The highest count of RFC 4880, section 3.7.1.3: 65,011,712 bytes are hashed. */
  private static final int MAX_WORK = 0xff;

  private static final int BLOCK = 1 << 16;
  private static final int MAX_KEYS = 20;
  private static final String INNER_NAME = "tls-uplift-backup.zip";

  private final List<PGPKeyEncryptionMethodGenerator> methods;
  private final String description;

  private Encryption(List<PGPKeyEncryptionMethodGenerator> methods, String description) {
    this.methods = methods;
    this.description = description;
  }

  /** Encrypts by a passphrase. */
  public static Encryption byPassphrase(char[] passphrase) {
    return byPassphrase(passphrase, MAX_WORK);
  }

  /**
   * Encrypts by a passphrase with another amount of work.
   *
   * @param work the coded count of RFC 4880, section 3.7.1.3
   */
  static Encryption byPassphrase(char[] passphrase, int work) {
    try {
      return new Encryption(
          List.of(
              new BcPBEKeyEncryptionMethodGenerator(
                  passphrase,
                  new BcPGPDigestCalculatorProvider().get(HashAlgorithmTags.SHA256),
                  work)),
          "the passphrase");
    } catch (PGPException impossible) {
      throw new IllegalStateException("SHA-256 is always available", impossible);
    }
  }

  /**
   * Encrypts to all public keys of a file; one of their private keys opens the backup.
   *
   * @param file from {@code gpg --export}, with or without {@code --armor}
   * @throws OperatorException if the file has no usable key, or one that is not usable
   */
  public static Encryption toPublicKeys(Path file) throws OperatorException {
    List<PGPKeyEncryptionMethodGenerator> methods = new ArrayList<>();
    List<String> names = new ArrayList<>();
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      PGPPublicKeyRingCollection rings =
          new PGPPublicKeyRingCollection(
              PGPUtil.getDecoderStream(in), new BcKeyFingerprintCalculator());
      for (PGPPublicKeyRing ring : rings) {
        PGPPublicKey key = encryptionKey(ring, file);
        methods.add(new BcPublicKeyKeyEncryptionMethodGenerator(key));
        names.add(name(ring.getPublicKey()));
      }
    } catch (IOException | PGPException | RuntimeException unusable) {
      throw new OperatorException(
          file + " has no OpenPGP public key; write it with: gpg --export --armor ADDRESS",
          unusable);
    }
    if (methods.isEmpty() || methods.size() > MAX_KEYS) {
      throw new OperatorException(
          "%s has %d OpenPGP public keys; 1 to %d are allowed"
              .formatted(file, methods.size(), MAX_KEYS));
    }
    return new Encryption(methods, String.join(" and ", names));
  }

  /** The newest subkey for encryption that is neither revoked nor expired. */
  private static PGPPublicKey encryptionKey(PGPPublicKeyRing ring, Path file)
      throws OperatorException {
    PGPPublicKey master = ring.getPublicKey();
    List<PGPPublicKey> usable = new ArrayList<>();
    if (isValid(master)) {
      ring.forEach(
          key -> {
            if (key.isEncryptionKey() && isValid(key) && isForEncryption(key)) {
              usable.add(key);
            }
          });
    }
    Optional<PGPPublicKey> newest =
        usable.stream().max(Comparator.comparing(PGPPublicKey::getCreationTime));
    return newest.orElseThrow(
        () ->
            new OperatorException(
                "%s: the key of %s cannot encrypt: it is revoked, has expired, or is for signatures only"
                    .formatted(file, name(master))));
  }

  private static boolean isValid(PGPPublicKey key) {
    long seconds = key.getValidSeconds();
    return !key.hasRevocation()
        && (seconds == 0
            || key.getCreationTime().toInstant().plusSeconds(seconds).isAfter(Instant.now()));
  }

  /** A key without flags may be used for everything that it can do. */
  private static boolean isForEncryption(PGPPublicKey key) {
    boolean flagged = false;
    for (Iterator<PGPSignature> each = key.getSignatures(); each.hasNext(); ) {
      PGPSignatureSubpacketVector hashed = each.next().getHashedSubPackets();
      if (hashed != null && hashed.hasSubpacket(SignatureSubpacketTags.KEY_FLAGS)) {
        flagged = true;
        if ((hashed.getKeyFlags() & (KeyFlags.ENCRYPT_COMMS | KeyFlags.ENCRYPT_STORAGE)) != 0) {
          return true;
        }
      }
    }
    return !flagged;
  }

  private static String name(PGPPublicKey key) {
    Iterator<String> users = key.getUserIDs();
    return "%s(%016X)".formatted(users.hasNext() ? users.next() + " " : "", key.getKeyID());
  }

  /** Who can open the backup, for a person. */
  public String description() {
    return description;
  }

  /** Encrypts a stream; closing it completes the message and leaves the target open. */
  OutputStream open(OutputStream target) throws IOException {
    SecureRandom random = new SecureRandom();
    PGPEncryptedDataGenerator encrypted =
        new PGPEncryptedDataGenerator(
            new BcPGPDataEncryptorBuilder(SymmetricKeyAlgorithmTags.AES_256)
                .setWithIntegrityPacket(true)
                .setSecureRandom(random));
    methods.forEach(encrypted::addMethod);
    try {
      OutputStream cipher = encrypted.open(target, new byte[BLOCK]);
      PGPLiteralDataGenerator literal = new PGPLiteralDataGenerator();
      OutputStream content =
          literal.open(
              cipher, PGPLiteralData.BINARY, INNER_NAME, PGPLiteralData.NOW, new byte[BLOCK]);
      return new Message(content, cipher);
    } catch (PGPException failed) {
      throw new IOException("the encryption cannot start: " + failed.getMessage(), failed);
    }
  }

  /** Closes the literal data, then the encrypted data around it. */
  private static final class Message extends OutputStream {
    private final OutputStream content;
    private final OutputStream cipher;

    Message(OutputStream content, OutputStream cipher) {
      this.content = content;
      this.cipher = cipher;
    }

    @Override
    public void write(int one) throws IOException {
      content.write(one);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      content.write(bytes, from, length);
    }

    @Override
    public void flush() {
      // Each flush would end a part of the message.
    }

    @Override
    public void close() throws IOException {
      content.close();
      cipher.close();
    }
  }
}
