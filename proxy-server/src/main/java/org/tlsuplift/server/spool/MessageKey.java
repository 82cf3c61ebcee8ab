package org.tlsuplift.server.spool;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.tlsuplift.proxy.mail.MessageSpool.Envelope;
import org.tlsuplift.server.inventory.DeviceAddress;
import org.tlsuplift.server.signin.token.TokenKey;

/**
 * The key of one message: AES-256-GCM, with the number of a part as the nonce. A part is bound to
 * its message, its place and whether it is the last one.
 *
 * @param id begins with the time
 */
record MessageKey(String id, byte[] key) {
  /** The size of a part in bytes; only the last one is smaller. */
  static final int PART = 256 << 10;

  private static final int LENGTH = 32;
  private static final int NONCE = 12;
  private static final int TAG_BITS = 128;
  private static final int TIME_DIGITS = 12;
  private static final String OWNER = "spool";

  static MessageKey create(long now) {
    String random = HexFormat.of().formatHex(TokenKey.random(Long.BYTES));
    return new MessageKey(firstId(now) + random, TokenKey.random(LENGTH));
  }

  /** Sorts before the ids of this time, in milliseconds since 1970. */
  static String firstId(long time) {
    return HexFormat.of().toHexDigits(time, TIME_DIGITS);
  }

  /** The number of parts of a message. */
  static int parts(long size) {
    return (int) Math.max(1, (size + PART - 1) / PART);
  }

  /** Encrypts this key; only {@link #open} with the same id, envelope and size decrypts it. */
  byte[] seal(TokenKey master, Envelope envelope, long size) throws GeneralSecurityException {
    String text = Base64.getEncoder().encodeToString(key);
    return master.seal(OWNER, fields(id, envelope, size), text);
  }

  static MessageKey open(TokenKey master, String id, Envelope envelope, long size, byte[] sealed)
      throws GeneralSecurityException {
    String text = master.open(OWNER, fields(id, envelope, size), sealed);
    return new MessageKey(id, Base64.getDecoder().decode(text));
  }

  /** Each field with its length, so that no two envelopes have the same text. */
  private static String fields(String id, Envelope envelope, long size) {
    String device = DeviceAddress.of(envelope.device()).text();
    Object[] fields = {
      id, size, envelope.listener(), device, envelope.account(), envelope.sender(), envelope.utf8()
    };
    return Stream.concat(Stream.of(fields), envelope.recipients().stream())
        .map(Object::toString)
        .map(field -> field.length() + ":" + field)
        .collect(Collectors.joining());
  }

  /**
   * Encrypts or decrypts a part.
   *
   * @param mode of {@link Cipher}
   */
  byte[] part(int mode, int number, boolean last, byte[] data) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    byte[] nonce = ByteBuffer.allocate(NONCE).putInt(number).array();
    cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD((id + ' ' + number + ' ' + last).getBytes(StandardCharsets.UTF_8));
    return cipher.doFinal(data);
  }
}
