package org.tlsuplift.server.signin.token;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts tokens with AES-256-GCM (NIST SP 800-38D) and a random nonce. Owner and name are
 * authenticated too, so tokens cannot be moved to another tenant, application or mailbox.
 */
final class TokenCipher {
  static final int KEY_LENGTH = 32;

  private static final byte[] MAGIC = "TLSUPTK1".getBytes(StandardCharsets.US_ASCII);
  private static final int NONCE = 12;
  private static final int TAG_BITS = 128;
  private static final int HEAD = MAGIC.length + NONCE;
  private static final SecureRandom RANDOM = new SecureRandom();

  private TokenCipher() {}

  static byte[] seal(byte[] key, String owner, String name, String content)
      throws GeneralSecurityException {
    byte[] nonce = new byte[NONCE];
    RANDOM.nextBytes(nonce);
    byte[] sealed =
        cipher(Cipher.ENCRYPT_MODE, key, owner, name, nonce)
            .doFinal(content.getBytes(StandardCharsets.UTF_8));
    return ByteBuffer.allocate(HEAD + sealed.length).put(MAGIC).put(nonce).put(sealed).array();
  }

  /**
   * @throws AEADBadTagException if the content is damaged or belongs to another key, owner or name
   */
  static String open(byte[] key, String owner, String name, byte[] sealed)
      throws GeneralSecurityException {
    // The JDK reports a cut tag with other exceptions.
    if (sealed.length < HEAD + TAG_BITS / Byte.SIZE
        || !Arrays.equals(MAGIC, Arrays.copyOf(sealed, MAGIC.length))) {
      throw new AEADBadTagException("not of this kind");
    }
    byte[] nonce = Arrays.copyOfRange(sealed, MAGIC.length, HEAD);
    byte[] content =
        cipher(Cipher.DECRYPT_MODE, key, owner, name, nonce)
            .doFinal(sealed, HEAD, sealed.length - HEAD);
    return new String(content, StandardCharsets.UTF_8);
  }

  private static Cipher cipher(int mode, byte[] key, String owner, String name, byte[] nonce)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(MAGIC);
    cipher.updateAAD((owner + '\0' + name).getBytes(StandardCharsets.UTF_8));
    return cipher;
  }
}
