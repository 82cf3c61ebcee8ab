package org.tlsuplift.server.backup;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;
import java.util.Locale;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyPacket;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.bouncycastle.crypto.generators.Ed25519KeyPairGenerator;
import org.bouncycastle.crypto.params.Ed25519KeyGenerationParameters;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPKeyRingGenerator;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.PGPSecretKey;
import org.bouncycastle.openpgp.PGPSecretKeyRing;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureGenerator;
import org.bouncycastle.openpgp.PGPSignatureList;
import org.bouncycastle.openpgp.PGPSignatureSubpacketGenerator;
import org.bouncycastle.openpgp.bc.BcPGPObjectFactory;
import org.bouncycastle.openpgp.operator.bc.BcKeyFingerprintCalculator;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentSignerBuilder;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentVerifierBuilderProvider;
import org.bouncycastle.openpgp.operator.bc.BcPGPDigestCalculatorProvider;
import org.bouncycastle.openpgp.operator.bc.BcPGPKeyPair;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.process.FileModes;
import org.tlsuplift.server.process.OwnerOnlyFile;

/**
 * Signs backups with an OpenPGP key of this data directory. Anyone can encrypt to a public key; the
 * signature proves that a program with this data directory made the backup. GnuPG verifies it.
 */
public final class BackupSigner {
  static final String KEY = "signing.key";

  private static final int ALGORITHM = PublicKeyAlgorithmTags.EDDSA_LEGACY;
  private static final int HASH = HashAlgorithmTags.SHA512;
  private static final String USER = "TLS Uplift backups";

  private final PGPSecretKey key;
  private final byte[] publicKey;

  private BackupSigner(PGPSecretKeyRing ring) throws IOException {
    this.key = ring.getSecretKey();
    this.publicKey = ring.toCertificate().getEncoded();
  }

  /**
   * The signer of a data directory. Its key is made when the first backup needs it.
   *
   * @throws OperatorException if the key cannot be read or made
   */
  public static BackupSigner of(Path dataDirectory) throws OperatorException {
    Path directory = dataDirectory.resolve(EntryName.BACKUP);
    Path file = directory.resolve(KEY);
    try {
      if (Files.notExists(file)) {
        create(directory, file);
      }
      try (InputStream in = new ByteArrayInputStream(OwnerOnlyFile.read(file))) {
        return new BackupSigner(new PGPSecretKeyRing(in, new BcKeyFingerprintCalculator()));
      }
    } catch (IOException | PGPException | RuntimeException failed) {
      throw new OperatorException(
          "%s cannot be used to sign the backup (%s); run the command as the daemon's user or as root; if the file is damaged, move it away"
              .formatted(file, failed),
          failed);
    }
  }

  private static void create(Path directory, Path file) throws IOException, PGPException {
    FileModes.directory(directory, FileModes.Readers.OWNER);
    try {
      OwnerOnlyFile.create(file, generate().getEncoded());
      FileModes.giveTo(directory, file);
    } catch (FileAlreadyExistsException another) {
      // Another backup has made it at the same time.
    }
  }

  private static PGPSecretKeyRing generate() throws PGPException {
    Ed25519KeyPairGenerator generator = new Ed25519KeyPairGenerator();
    generator.init(new Ed25519KeyGenerationParameters(new SecureRandom()));
    PGPSignatureSubpacketGenerator flags = new PGPSignatureSubpacketGenerator();
    flags.setKeyFlags(true, KeyFlags.CERTIFY_OTHER | KeyFlags.SIGN_DATA);
    return new PGPKeyRingGenerator(
            PGPSignature.POSITIVE_CERTIFICATION,
            new BcPGPKeyPair(
                PublicKeyPacket.VERSION_4,
                ALGORITHM,
                generator.generateKeyPair(),
                Date.from(Instant.now())),
            USER,
            new BcPGPDigestCalculatorProvider().get(HashAlgorithmTags.SHA1),
            flags.generate(),
            null,
            new BcPGPContentSignerBuilder(ALGORITHM, HASH),
            null)
        .generateSecretKeyRing();
  }

  /** Identifies the key: 40 hexadecimal digits. */
  public String fingerprint() {
    return fingerprint(key.getPublicKey());
  }

  private static String fingerprint(PGPPublicKey key) {
    return HexFormat.of().withUpperCase().formatHex(key.getFingerprint());
  }

  /** The key that verifies signatures, as an OpenPGP certificate. */
  byte[] publicKey() {
    return publicKey.clone();
  }

  /** An OpenPGP signature of a text, apart from the text. */
  byte[] sign(byte[] text) throws IOException {
    try {
      PGPSignatureGenerator generator =
          new PGPSignatureGenerator(
              new BcPGPContentSignerBuilder(ALGORITHM, HASH), key.getPublicKey());
      generator.init(PGPSignature.BINARY_DOCUMENT, key.extractPrivateKey(null));
      PGPSignatureSubpacketGenerator issuer = new PGPSignatureSubpacketGenerator();
      issuer.setIssuerFingerprint(false, key.getPublicKey());
      generator.setHashedSubpackets(issuer.generate());
      generator.update(text);
      return generator.generate().getEncoded();
    } catch (PGPException failed) {
      throw new IOException("the backup cannot be signed: " + failed.getMessage(), failed);
    }
  }

  /**
   * Whether the key with this fingerprint signed a text.
   *
   * @param publicKey the certificate of the key, from the same place as the signature
   */
  static boolean isSigned(byte[] text, String fingerprint, byte[] publicKey, byte[] signature) {
    try {
      PGPPublicKey key =
          new PGPPublicKeyRing(
                  new ByteArrayInputStream(publicKey), new BcKeyFingerprintCalculator())
              .getPublicKey();
      Object packet = new BcPGPObjectFactory(signature).nextObject();
      if (!(packet instanceof PGPSignatureList list)
          || list.size() != 1
          || key.getAlgorithm() != ALGORITHM
          || !fingerprint(key).equals(fingerprint)) {
        return false;
      }
      PGPSignature one = list.get(0);
      if (one.getSignatureType() != PGPSignature.BINARY_DOCUMENT
          || one.getHashAlgorithm() != HASH) {
        return false;
      }
      one.init(new BcPGPContentVerifierBuilderProvider(), key);
      one.update(text);
      return one.verify();
    } catch (IOException | PGPException | RuntimeException malformed) {
      return false;
    }
  }

  /** A fingerprint as a person copies it, without spaces and colons, in upper case. */
  static String normalise(String fingerprint) {
    return fingerprint.replaceAll("[\\s:]", "").toUpperCase(Locale.ROOT);
  }
}
