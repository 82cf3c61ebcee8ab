package org.tlsuplift.server.seal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.tlsuplift.proxy.model.Digests;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.process.KeyFileContent;
import org.tlsuplift.server.process.OwnerOnlyFile;

/**
 * A key for secrets: that of a directory with tokens, or the operator's key for what instances
 * share, from which session tickets of devices come too. Never printed.
 *
 * <p>It encrypts with AES-256-GCM (NIST SP 800-38D) and a random nonce. Owner and name are
 * authenticated too, so a secret cannot be moved to another tenant, application or mailbox.
 */
public final class SealKey {
  static final int LENGTH = 32;

  private static final int ID_BYTES = 6;

  private static final byte[] MAGIC = "TLSUPTK1".getBytes(StandardCharsets.US_ASCII);
  private static final int NONCE = 12;
  private static final int TAG_BITS = 128;
  private static final int HEAD = MAGIC.length + NONCE;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final byte[] key;

  SealKey(byte[] key) {
    this.key = key;
  }

  /** Random bytes for a key or a nonce. */
  public static byte[] random(int length) {
    byte[] bytes = new byte[length];
    RANDOM.nextBytes(bytes);
    return bytes;
  }

  /**
   * Reads a file with 32 random bytes, or with their base64 text.
   *
   * @throws OperatorException if it has neither
   */
  public static SealKey read(Path file) throws OperatorException {
    byte[] content = KeyFileContent.of(file);
    if (content.length == LENGTH) {
      return new SealKey(content);
    }
    try {
      byte[] decoded =
          Base64.getDecoder().decode(new String(content, StandardCharsets.ISO_8859_1).strip());
      if (decoded.length == LENGTH) {
        return new SealKey(decoded);
      }
    } catch (IllegalArgumentException noBase64) {
      // Wrong base64 and a wrong length get the same message.
    }
    throw new OperatorException(
        "%s is not a key: it needs 32 random bytes, or their base64 text; make one: openssl rand -out %s 32"
            .formatted(file, file));
  }

  /** Creates a file with a new key, as hexadecimal text, unless another process is faster. */
  public static void create(Path file) throws IOException {
    try {
      byte[] text = HexFormat.of().formatHex(random(LENGTH)).getBytes(StandardCharsets.UTF_8);
      OwnerOnlyFile.create(file, text);
      OwnerOnlyFile.force(file.toAbsolutePath().resolveSibling(""));
    } catch (FileAlreadyExistsException faster) {
      // It has a key then.
    }
  }

  /** Reads a file of {@link #create}; empty if it is damaged. */
  public static Optional<SealKey> readCreated(Path file) throws IOException {
    try {
      byte[] key = HexFormat.of().parseHex(Files.readString(file).strip());
      return key.length == LENGTH ? Optional.of(new SealKey(key)) : Optional.empty();
    } catch (IllegalArgumentException | CharacterCodingException damaged) {
      return Optional.empty();
    }
  }

  /** Tells keys apart, and reveals nothing of them. */
  public String id() {
    MessageDigest digest = Digests.sha256();
    digest.update("tls-uplift database.keyFile".getBytes(StandardCharsets.US_ASCII));
    return HexFormat.of().formatHex(digest.digest(key), 0, ID_BYTES);
  }

  /** Encrypts a secret; only {@link #open} with the same owner and name decrypts it. */
  public byte[] seal(String owner, String name, String content) throws GeneralSecurityException {
    byte[] nonce = random(NONCE);
    byte[] sealed =
        cipher(Cipher.ENCRYPT_MODE, owner, name, nonce)
            .doFinal(content.getBytes(StandardCharsets.UTF_8));
    return ByteBuffer.allocate(HEAD + sealed.length).put(MAGIC).put(nonce).put(sealed).array();
  }

  /**
   * Decrypts a secret.
   *
   * @throws AEADBadTagException if it is damaged or belongs to another key, owner or name
   */
  public String open(String owner, String name, byte[] sealed) throws GeneralSecurityException {
    // The JDK reports a cut tag with other exceptions.
    if (sealed.length < HEAD + TAG_BITS / Byte.SIZE
        || !Arrays.equals(MAGIC, Arrays.copyOf(sealed, MAGIC.length))) {
      throw new AEADBadTagException("not of this kind");
    }
    byte[] nonce = Arrays.copyOfRange(sealed, MAGIC.length, HEAD);
    byte[] content =
        cipher(Cipher.DECRYPT_MODE, owner, name, nonce).doFinal(sealed, HEAD, sealed.length - HEAD);
    return new String(content, StandardCharsets.UTF_8);
  }

  private Cipher cipher(int mode, String owner, String name, byte[] nonce)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(MAGIC);
    cipher.updateAAD((owner + '\0' + name).getBytes(StandardCharsets.UTF_8));
    return cipher;
  }

  /** The secret of session tickets, from which nobody can compute the key. */
  public byte[] ticketSecret() {
    return derived("tls-uplift session tickets");
  }

  /** A secret for another purpose, from which nobody can compute the key. */
  public byte[] derived(String purpose) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(purpose.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("HMAC-SHA256 is in every Java runtime", impossible);
    }
  }

  @Override
  public String toString() {
    return "key " + id();
  }
}
