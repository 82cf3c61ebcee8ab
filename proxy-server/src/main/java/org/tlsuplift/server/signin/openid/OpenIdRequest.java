package org.tlsuplift.server.signin.openid;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlsuplift.proxy.model.Digests;

/**
 * A sign-in that a browser has begun. Only its cookie has the key, from which state, nonce and the
 * verifier of PKCE (RFC 7636) are derived: so they are bound to that browser, and the admin port
 * need not remember sign-ins that nobody finishes.
 *
 * @param key random
 * @param again whether the provider must authenticate the user again
 * @param next the page to open afterwards; from the browser, so it may be anything
 */
public record OpenIdRequest(String key, boolean again, String next) {
  private static final Pattern COOKIE =
      Pattern.compile("([A-Za-z0-9_-]{43})\\.(again|any)\\.([A-Za-z0-9_-]{0,1400})");
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int BYTES = 32;

  /** A new sign-in. */
  public static OpenIdRequest begin(boolean again, String next) {
    byte[] key = new byte[BYTES];
    RANDOM.nextBytes(key);
    return new OpenIdRequest(base64(key), again, next);
  }

  /** The sign-in of a cookie; empty if the value has another form. */
  public static Optional<OpenIdRequest> of(String cookie) {
    Matcher matcher = COOKIE.matcher(cookie);
    try {
      return matcher.matches()
          ? Optional.of(
              new OpenIdRequest(
                  matcher.group(1),
                  matcher.group(2).equals("again"),
                  new String(
                      Base64.getUrlDecoder().decode(matcher.group(3)), StandardCharsets.UTF_8)))
          : Optional.empty();
    } catch (IllegalArgumentException damaged) {
      return Optional.empty();
    }
  }

  /** The value of its cookie. */
  public String cookie() {
    return key + (again ? ".again." : ".any.") + base64(next.getBytes(StandardCharsets.UTF_8));
  }

  /** Whether a response is for this sign-in. */
  public boolean hasState(String got) {
    return MessageDigest.isEqual(
        got.getBytes(StandardCharsets.UTF_8), state().getBytes(StandardCharsets.UTF_8));
  }

  String state() {
    return hash("state " + key);
  }

  String nonce() {
    return hash("nonce " + key);
  }

  String verifier() {
    return hash("verifier " + key);
  }

  String challenge() {
    return hash(verifier());
  }

  private static String hash(String text) {
    return base64(Digests.sha256().digest(text.getBytes(StandardCharsets.US_ASCII)));
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "a sign-in for " + next;
  }
}
