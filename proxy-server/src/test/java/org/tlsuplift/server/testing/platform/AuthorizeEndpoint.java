package org.tlsuplift.server.testing.platform;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The page at {@code /{tenant}/oauth2/v2.0/authorize} on which users sign in (RFC 6749 section
 * 4.1), and its codes, which are for one use and need PKCE with S256 (RFC 7636). Thread-safe.
 */
final class AuthorizeEndpoint {
  private static final String USER = "as-user";
  private static final String CANCEL = "cancel";

  private final Directory directory;
  private final IssuedTokens tokens;
  private final Map<String, Code> codes = new ConcurrentHashMap<>();
  private volatile Duration lifetime = Duration.ofMinutes(10);

  AuthorizeEndpoint(Directory directory, IssuedTokens tokens) {
    this.directory = directory;
    this.tokens = tokens;
  }

  private record Code(
      AppRegistration application,
      String user,
      String redirect,
      String challenge,
      Instant expires,
      boolean used) {}

  /** Who has signed in, or why the code is refused. */
  record Redemption(String user, @Nullable Answer refusal) {}

  void live(Duration duration) {
    lifetime = duration;
  }

  /** The page, which asks for a user, or what comes after it. */
  Answer page(PlatformRequest request) {
    Optional<String> error = error(request);
    if (error.isPresent()) {
      return html(400, "<h1>Sorry, but we are having trouble signing you in.</h1>" + error.get());
    }
    if (!request.get(CANCEL).isEmpty()) {
      return redirect(decline(request));
    }
    if (!request.get(USER).isEmpty()) {
      return redirect(signIn(request, request.get(USER)));
    }
    String hidden =
        request.parameters().entrySet().stream()
            .map(
                each ->
                    "<input type=hidden name=\"%s\" value=\"%s\">"
                        .formatted(escape(each.getKey()), escape(each.getValue())))
            .collect(Collectors.joining());
    return html(
        200,
        "<form>%s<input name=%s id=user><button id=sign-in>Sign in</button><button id=cancel name=%s value=1>Cancel</button></form>"
            .formatted(hidden, USER, CANCEL));
  }

  /** Why nobody can sign in: the platform then redirects nowhere. */
  Optional<String> error(PlatformRequest request) {
    Optional<AppRegistration> application = directory.application(request.get("client_id"));
    if (!directory.isNamed(request.tenant(), true)) {
      return Optional.of("AADSTS90002: Tenant not found.");
    }
    if (application.isEmpty()) {
      return Optional.of("AADSTS700016: Application was not found in the directory.");
    }
    // The port of localhost does not count.
    if (application.get().redirects() == AppRegistration.Redirects.NONE
        || !request.get("redirect_uri").matches("http://localhost(:[0-9]{1,5})?/?")) {
      return Optional.of(
          "AADSTS50011: The redirect URI specified in the request does not match the redirect URIs configured for the application.");
    }
    if (!request.get("response_type").equals("code")
        || !request.get("response_mode").equals("query")
        || request.get("state").isEmpty()
        || TokenEndpoint.resource(request.get("scope")).isEmpty()) {
      return Optional.of("AADSTS900144: The request body must contain the parameters of a code.");
    }
    return request.get("code_challenge_method").equals("S256")
            && request.get("code_challenge").matches("[A-Za-z0-9_-]{43}")
        ? Optional.empty()
        : Optional.of("AADSTS501491: Invalid size of Code_Challenge parameter.");
  }

  /** Where the browser goes after the user has signed in. */
  String signIn(PlatformRequest request, String user) {
    AppRegistration application = accepted(request);
    // Real ones have a thousand characters and more.
    String code = "1.AXkA" + (UUID.randomUUID() + "").replace("-", "").repeat(30);
    tokens.remember(code);
    codes.put(
        code,
        new Code(
            application,
            user,
            request.get("redirect_uri"),
            request.get("code_challenge"),
            Instant.now().plus(lifetime),
            false));
    return "%s/?code=%s&state=%s&session_state=%s"
        .formatted(
            request.get("redirect_uri"), code, encode(request.get("state")), UUID.randomUUID());
  }

  /** Where the browser goes after the user has refused. */
  String decline(PlatformRequest request) {
    accepted(request);
    return "%s/?error=access_denied&error_description=%s&state=%s"
        .formatted(
            request.get("redirect_uri"),
            encode("AADSTS65004: User declined to consent to access the app."),
            encode(request.get("state")));
  }

  private AppRegistration accepted(PlatformRequest request) {
    error(request)
        .ifPresent(
            error -> {
              throw new AssertionError(error);
            });
    return directory.application(request.get("client_id")).orElseThrow();
  }

  Redemption redeem(PlatformRequest request, AppRegistration application) {
    String value = request.get("code");
    Code code = codes.get(value);
    if (code == null || !code.application().equals(application)) {
      return refused(70000, "The provided value for the 'code' parameter is not valid.");
    }
    if (code.used()) {
      return refused(
          54005,
          "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.");
    }
    if (!Instant.now().isBefore(code.expires())) {
      return refused(
          70008,
          "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.");
    }
    if (!code.redirect().equals(request.get("redirect_uri"))) {
      return refused(
          500112,
          "The reply address does not match the reply address provided when requesting Authorization code.");
    }
    if (!code.challenge().equals(challenge(request.get("code_verifier")))) {
      return refused(
          501481,
          "The Code_Verifier does not match the code_challenge supplied in the authorization request.");
    }
    codes.put(
        value,
        new Code(
            code.application(),
            code.user(),
            code.redirect(),
            code.challenge(),
            code.expires(),
            true));
    tokens.remember(request.get("code_verifier"));
    return new Redemption(code.user(), null);
  }

  private static Redemption refused(int code, String text) {
    return new Redemption("", Answer.error(400, "invalid_grant", code, text));
  }

  private static String challenge(String verifier) {
    try {
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(US_ASCII)));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static Answer redirect(String location) {
    return new Answer(302, Map.of("Location", location), "text/html", "");
  }

  private static Answer html(int status, String body) {
    return new Answer(
        status,
        Map.of(),
        "text/html; charset=utf-8",
        "<!DOCTYPE html><title>Sign in to your account</title>" + body);
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("\"", "&quot;").replace("<", "&lt;");
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, UTF_8);
  }
}
