package org.tlsuplift.proxy.tls;

import io.netty.handler.ssl.OpenSslSessionTicketKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Duration;
import java.util.stream.LongStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Keys of session tickets (RFC 5077) that several instances of the proxy derive from one secret, so
 * that a device resumes its session at any of them.
 *
 * <p>Keys are HKDF-Expand (RFC 5869) of the secret, the period, and what the session was agreed
 * under: policy, ALPN result and certificate. A ticket of another name, CA or policy cannot be
 * opened. Keys change with each period; those of the previous and the next period open tickets too,
 * because clocks differ. Thread-safe.
 */
public final class SharedTicketKeys {
  /** In bytes. */
  public static final int SECRET_LENGTH = 32;

  private static final String ALGORITHM = "HmacSHA256";
  private static final Duration PERIOD = Duration.ofHours(1);

  private final SecretKeySpec secret;
  private final Clock clock;

  /**
   * @param secret uniformly random
   * @throws IllegalArgumentException if it is shorter than {@link #SECRET_LENGTH}
   */
  public SharedTicketKeys(byte[] secret, Clock clock) {
    if (secret.length < SECRET_LENGTH) {
      throw new IllegalArgumentException(
          "secret of ticket keys: got %d bytes; expected at least %d"
              .formatted(secret.length, SECRET_LENGTH));
    }
    this.secret = new SecretKeySpec(secret, ALGORITHM);
    this.clock = clock;
  }

  /** The number of the current period. */
  long period() {
    return Math.floorDiv(clock.millis(), PERIOD.toMillis());
  }

  /**
   * @param agreed what a session must have in common with this one to resume it
   * @return the key of that period, which encrypts, and those that only open tickets
   */
  OpenSslSessionTicketKey[] keys(long period, String agreed) {
    return LongStream.of(period, period - 1, period + 1)
        .mapToObj(each -> key(each, agreed))
        .toArray(OpenSslSessionTicketKey[]::new);
  }

  private OpenSslSessionTicketKey key(long period, String agreed) {
    byte[] info = ("ticket " + period + ' ' + agreed).getBytes(StandardCharsets.UTF_8);
    ByteBuffer expanded = ByteBuffer.wrap(expand(info));
    return new OpenSslSessionTicketKey(
        next(expanded, OpenSslSessionTicketKey.NAME_SIZE),
        next(expanded, OpenSslSessionTicketKey.HMAC_KEY_SIZE),
        next(expanded, OpenSslSessionTicketKey.AES_KEY_SIZE));
  }

  private static byte[] next(ByteBuffer from, int size) {
    byte[] part = new byte[size];
    from.get(part);
    return part;
  }

  /** Two blocks of HKDF-Expand: 64 bytes, of which a key takes 48. */
  private byte[] expand(byte[] info) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(secret);
      mac.update(info);
      byte[] first = mac.doFinal(new byte[] {1});
      mac.update(first);
      mac.update(info);
      byte[] second = mac.doFinal(new byte[] {2});
      return ByteBuffer.allocate(first.length + second.length).put(first).put(second).array();
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("HMAC-SHA256 is missing", impossible);
    }
  }
}
