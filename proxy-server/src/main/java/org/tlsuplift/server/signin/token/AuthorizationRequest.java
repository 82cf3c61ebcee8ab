package org.tlsuplift.server.signin.token;

import com.microsoft.aad.msal4j.AuthorizationCodeParameters;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.outcome.PlatformRefusal;
import org.tlsuplift.server.text.UrlSafe;

/**
 * A browser's request for an authorization code (RFC 6749 section 4.1), which PKCE binds to this
 * process (RFC 7636): the code is useless without the verifier, which stays in memory. Thread-safe.
 */
public final class AuthorizationRequest {
  /** The longest address that is read. */
  public static final int MAX_ADDRESS = 16 * 1024;

  /** What mail programs and terminals add to a copied address. */
  private static final Pattern ADDED = Pattern.compile("[\\s\\p{Cf}\"<>]+");

  /** AADSTS65004: "User declined to consent to access the app." */
  private static final int DECLINED = 65004;

  private final TokenAuthority tokenAuthority;
  private final String redirectUri;
  private final String mailbox;
  private final String state = UrlSafe.random();
  private final String verifier = UrlSafe.random();

  /**
   * @param redirectUri where the browser goes after the sign-in; {@code http://localhost} with a
   *     port
   * @param mailbox for messages
   */
  AuthorizationRequest(TokenAuthority tokenAuthority, String redirectUri, String mailbox) {
    this.tokenAuthority = tokenAuthority;
    this.redirectUri = redirectUri;
    this.mailbox = mailbox;
  }

  /** The meaning of an address to which a browser went. */
  public sealed interface Response {
    /** The user has signed in. */
    record Granted(String code) implements Response {
      @Override
      public String toString() {
        return "a code";
      }
    }

    /**
     * The platform or the user refused.
     *
     * @param why one line for the operator
     */
    record Refused(String why) implements Response {}

    /** The address starts like the right one, and the end is missing. */
    record Incomplete() implements Response {}

    /** The address has another state: it belongs to another sign-in, or is forged. */
    record Foreign() implements Response {}

    /** The text is another address, or none. */
    record Unknown() implements Response {}
  }

  /** The address at which the user signs in. */
  public String address() {
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("client_id", tokenAuthority.applicationId());
    parameters.put("response_type", "code");
    parameters.put("response_mode", "query");
    parameters.put("redirect_uri", redirectUri);
    parameters.put(
        "scope", String.join(" ", tokenAuthority.scopes()) + " openid profile offline_access");
    parameters.put("state", state);
    parameters.put("code_challenge", UrlSafe.sha256(verifier));
    parameters.put("code_challenge_method", "S256");
    // Otherwise the browser signs in with the user who is signed in already, such as an admin.
    parameters.put("prompt", "select_account");
    return tokenAuthority.authority()
        + "oauth2/v2.0/authorize?"
        + parameters.entrySet().stream()
            .map(each -> each.getKey() + "=" + encode(each.getValue()))
            .collect(Collectors.joining("&"));
  }

  /**
   * Reads the address of the page to which the browser went, with white space and line breaks
   * anywhere.
   */
  public Response read(String text) {
    String address = ADDED.matcher(text).replaceAll("");
    boolean ours = address.startsWith("http://localhost") || address.startsWith("/");
    Optional<Map<String, String>> read = parameters(address);
    if (read.isEmpty() || address.length() > MAX_ADDRESS) {
      return new Response.Unknown();
    }
    Map<String, String> values = read.get();
    String got = values.getOrDefault("state", "");
    String code = values.getOrDefault("code", "");
    String error = values.getOrDefault("error", "");
    boolean answered = UrlSafe.same(got, state);
    if (answered && !error.isEmpty()) {
      return refused(error, values.getOrDefault("error_description", ""));
    }
    if (answered && !code.isEmpty()) {
      return new Response.Granted(code);
    }
    if (!ours) {
      return new Response.Unknown();
    }
    return state.startsWith(got) ? new Response.Incomplete() : new Response.Foreign();
  }

  private Response refused(String error, String description) {
    int number = PlatformRefusal.code(description);
    return new Response.Refused(
        error.equals("access_denied") && (number == 0 || number == DECLINED)
            ? "the user declined the sign-in"
            : GrantFailure.refusal(0, error, number, mailbox));
  }

  /** The request for tokens. */
  AuthorizationCodeParameters redemption(String code) {
    return AuthorizationCodeParameters.builder(code, URI.create(redirectUri))
        .scopes(Set.copyOf(tokenAuthority.scopes()))
        .codeVerifier(verifier)
        .build();
  }

  /** Empty if the percent-encoding is broken, or a name is repeated (RFC 6749 section 3.1). */
  private static Optional<Map<String, String>> parameters(String address) {
    Map<String, String> values = new HashMap<>();
    int query = address.indexOf('?');
    String text = query < 0 ? "" : address.substring(query + 1).split("#", 2)[0];
    for (String pair : text.split("&", -1)) {
      String[] parts = pair.split("=", 2);
      try {
        String value = URLDecoder.decode(parts.length < 2 ? "" : parts[1], StandardCharsets.UTF_8);
        if (values.put(parts[0], value) != null) {
          return Optional.empty();
        }
      } catch (IllegalArgumentException malformed) {
        return Optional.empty();
      }
    }
    return Optional.of(values);
  }

  private static String encode(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** Without state and verifier. */
  @Override
  public String toString() {
    return "a request for " + mailbox;
  }
}
