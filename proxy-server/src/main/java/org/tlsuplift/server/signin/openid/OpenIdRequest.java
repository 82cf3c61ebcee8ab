package org.tlsuplift.server.signin.openid;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlsuplift.server.text.UrlSafe;

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

  /** A new sign-in. */
  public static OpenIdRequest begin(boolean again, String next) {
    return new OpenIdRequest(UrlSafe.random(), again, next);
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
    return key + (again ? ".again." : ".any.") + UrlSafe.of(next.getBytes(StandardCharsets.UTF_8));
  }

  /** Whether a response is for this sign-in. */
  public boolean hasState(String got) {
    return UrlSafe.same(got, state());
  }

  String state() {
    return UrlSafe.sha256("state " + key);
  }

  String nonce() {
    return UrlSafe.sha256("nonce " + key);
  }

  String verifier() {
    return UrlSafe.sha256("verifier " + key);
  }

  String challenge() {
    return UrlSafe.sha256(verifier());
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "a sign-in for " + next;
  }
}
