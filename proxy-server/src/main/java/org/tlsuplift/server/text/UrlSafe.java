package org.tlsuplift.server.text;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import org.tlsuplift.proxy.model.Digests;

/** Texts for URLs and cookies: base64url without padding. */
public final class UrlSafe {
  /** 256 bits cannot be guessed; RFC 7636 section 4.1 recommends them for the verifier of PKCE. */
  private static final int RANDOM_BYTES = 32;

  private static final SecureRandom RANDOM = new SecureRandom();

  private UrlSafe() {}

  /** Random, 43 characters. */
  public static String random() {
    byte[] bytes = new byte[RANDOM_BYTES];
    RANDOM.nextBytes(bytes);
    return of(bytes);
  }

  /** The SHA-256 of a text, as the code challenge of PKCE (RFC 7636 section 4.2). */
  public static String sha256(String text) {
    return of(Digests.sha256().digest(text.getBytes(StandardCharsets.US_ASCII)));
  }

  public static String of(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** Compares secrets in constant time. */
  public static boolean same(String got, String expected) {
    return MessageDigest.isEqual(
        got.getBytes(StandardCharsets.UTF_8), expected.getBytes(StandardCharsets.UTF_8));
  }
}
