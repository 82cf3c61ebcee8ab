package org.tlsuplift.server.spool;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.tlsuplift.server.seal.SealKey;

/**
 * Encrypts a part of a message with AES-256-GCM. Each message has a key of its own, which comes
 * from the master key, its id and its envelope. A part is bound to its number, which is the nonce,
 * and the last one to the size of the message.
 *
 * @param envelope as the database has it
 * @param size of the message if this is its last part, otherwise {@link #MORE}
 */
record MessagePart(String id, String envelope, int number, long size) {
  /** The maximum size of a part of mail that arrives, in bytes. */
  static final int SIZE = 256 << 10;

  static final long MORE = -1;
  private static final int NONCE = 12;
  private static final int TAG_BITS = 128;

  /**
   * Encrypts or decrypts.
   *
   * @param mode of {@link Cipher}
   */
  byte[] apply(int mode, SealKey master, byte[] data) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    byte[] key = master.derived("tls-uplift spool " + id + ' ' + envelope);
    byte[] nonce = ByteBuffer.allocate(NONCE).putInt(number).array();
    cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(String.valueOf(size).getBytes(StandardCharsets.UTF_8));
    return cipher.doFinal(data);
  }
}
