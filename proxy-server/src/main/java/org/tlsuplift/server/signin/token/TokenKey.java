package org.tlsuplift.server.signin.token;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.tlsuplift.proxy.keyfile.KeyFileContent;
import org.tlsuplift.proxy.keyfile.KeyFileException;

/**
 * The operator's key for what instances share: it encrypts tokens in the database, and session
 * tickets of devices come from it. Never printed.
 */
public final class TokenKey {
  private static final int ID_BYTES = 6;

  private final byte[] key;
  private final String id;

  private TokenKey(byte[] key) {
    this.key = key;
    this.id = idOf(key);
  }

  /**
   * Reads a file with 32 random bytes, or with their base64 text.
   *
   * @throws KeyFileException if it has neither
   */
  public static TokenKey read(Path file) throws KeyFileException {
    byte[] content = KeyFileContent.of(file);
    if (content.length == TokenCipher.KEY_LENGTH) {
      return new TokenKey(content);
    }
    try {
      byte[] decoded =
          Base64.getDecoder().decode(new String(content, StandardCharsets.ISO_8859_1).strip());
      if (decoded.length == TokenCipher.KEY_LENGTH) {
        return new TokenKey(decoded);
      }
    } catch (IllegalArgumentException noBase64) {
      // The message below is for both.
    }
    throw new KeyFileException(
        file
            + " is not a key: it needs 32 random bytes, or their base64 text; make one: openssl rand -out "
            + file
            + " 32");
  }

  /** Tells keys apart, and reveals nothing of them. */
  public String id() {
    return id;
  }

  /** Encrypts tokens; only {@link #open} with the same owner and mailbox decrypts them. */
  public byte[] seal(String owner, String mailbox, String content) throws GeneralSecurityException {
    return TokenCipher.seal(key, owner, mailbox, content);
  }

  /**
   * Decrypts tokens.
   *
   * @throws GeneralSecurityException if they are damaged, or sealed with another key, owner or
   *     mailbox
   */
  public String open(String owner, String mailbox, byte[] sealed) throws GeneralSecurityException {
    return TokenCipher.open(key, owner, mailbox, sealed);
  }

  /** The secret of session tickets, from which nobody can compute the key. */
  public byte[] ticketSecret() {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal("tls-uplift session tickets".getBytes(StandardCharsets.US_ASCII));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("HMAC-SHA256 is in every Java runtime", impossible);
    }
  }

  @Override
  public String toString() {
    return "key " + id;
  }

  private static String idOf(byte[] key) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update("tls-uplift database.keyFile".getBytes(StandardCharsets.US_ASCII));
      return HexFormat.of().formatHex(digest.digest(key), 0, ID_BYTES);
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("SHA-256 is in every Java runtime", impossible);
    }
  }
}
