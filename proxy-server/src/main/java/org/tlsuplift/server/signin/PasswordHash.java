package org.tlsuplift.server.signin;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.outcome.OperatorException;

/**
 * A password hash: Argon2id (RFC 9106) or bcrypt.
 *
 * <p>A comparison takes some 10 to 300 ms of CPU time by design, so it is not for event loops.
 * Parsing bounds the cost, because the author of the hash decides it. Immutable; never printed.
 */
public sealed interface PasswordHash permits Argon2Hash, BcryptHash {
  /** The longest compared password, in bytes of UTF-8. */
  int MAX_PASSWORD = 1024;

  /** The shortest password that a person may choose, in characters. */
  int MIN_LENGTH = 8;

  /** A new password to be typed: 16 of 31 letters that do not look like others, 79 bits. */
  static String newPassword() {
    String letters = "abcdefghjkmnpqrstuvwxyz23456789";
    return new SecureRandom()
        .ints(16, 0, letters.length())
        .mapToObj(i -> letters.substring(i, i + 1))
        .collect(Collectors.joining());
  }

  /**
   * Parses a hash as in files: {@code $argon2id$v=19$m=19456,t=2,p=1$...}, or bcrypt's {@code
   * $2y$10$...} (also 2a and 2b), as {@code htpasswd -B} prints it.
   *
   * @throws IllegalArgumentException if it is invalid, too expensive or too cheap; the message
   *     never contains the text
   */
  static PasswordHash parse(String text) {
    if (text.startsWith("$argon2")) {
      return Argon2Hash.read(text);
    }
    if (text.startsWith("$2")) {
      return BcryptHash.read(text);
    }
    throw new IllegalArgumentException(
        text.startsWith("$")
            ? "the hash type is not supported; use Argon2id or bcrypt"
            : "this is not a hash; plaintext passwords are not stored");
  }

  /**
   * Hashes a password that a person chose, as {@link #of} does.
   *
   * @throws OperatorException if it is too short or too long
   */
  static PasswordHash ofChosen(char[] password) throws OperatorException {
    if (password.length < MIN_LENGTH) {
      throw new OperatorException(
          "the password has %s characters; %s or more are required; a few words together are hard to guess"
              .formatted(password.length, MIN_LENGTH));
    }
    if (bytes(password).length > MAX_PASSWORD) {
      throw new OperatorException(
          "the password is too long; at most " + MAX_PASSWORD + " bytes are allowed");
    }
    return of(password);
  }

  /**
   * Hashes a new password with Argon2id: 19 MiB of memory, two passes. Does not clear the array;
   * the caller does.
   */
  static PasswordHash of(char[] password) {
    byte[] salt = new byte[Argon2Hash.NEW_SALT];
    new SecureRandom().nextBytes(salt);
    return Argon2Hash.make(password, salt);
  }

  /**
   * Whether this is the password. Blocks for the cost of the hash. Does not clear the array; the
   * caller does.
   */
  boolean matches(char[] password);

  /** The text form that the accounts file contains. */
  String encoded();

  /** The bytes of a password; the caller wipes them. */
  static byte[] bytes(char[] password) {
    ByteBuffer encoded = ByteBuffer.allocate(3 * password.length);
    StandardCharsets.UTF_8
        .newEncoder()
        .onMalformedInput(CodingErrorAction.REPLACE)
        .encode(CharBuffer.wrap(password), encoded, true);
    byte[] bytes = Arrays.copyOf(encoded.array(), encoded.position());
    Arrays.fill(encoded.array(), (byte) 0);
    return bytes;
  }
}
