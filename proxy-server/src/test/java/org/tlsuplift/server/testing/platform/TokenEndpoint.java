package org.tlsuplift.server.testing.platform;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tlsuplift.server.testing.platform.DeviceCodes.Code;

/** Answers at {@code /{tenant}/oauth2/v2.0/token} and {@code .../devicecode}. */
final class TokenEndpoint {
  private static final String DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code";

  /** What is about the user and not about a resource (OpenID Connect Core section 5.4, 11). */
  private static final Set<String> ABOUT_USERS =
      Set.of("openid", "profile", "email", "offline_access");

  private final Directory directory;
  private final IssuedTokens tokens;
  private final DeviceCodes codes;
  private final AuthorizeEndpoint authorization;
  private final ClientProof proof;
  private final String base;

  TokenEndpoint(
      Directory directory,
      IssuedTokens tokens,
      DeviceCodes codes,
      AuthorizeEndpoint authorization,
      ClientProof proof,
      String base) {
    this.directory = directory;
    this.tokens = tokens;
    this.codes = codes;
    this.authorization = authorization;
    this.proof = proof;
    this.base = base;
  }

  Answer token(PlatformRequest request) {
    String grant = request.get("grant_type");
    Optional<Answer> objection = directory.objection(request, !grant.equals("client_credentials"));
    if (objection.isPresent()) {
      return objection.get();
    }
    AppRegistration application = directory.application(request.get("client_id")).orElseThrow();
    return switch (grant) {
      case "client_credentials" -> byApplication(request, application);
      case DEVICE_CODE, "device_code" -> byDeviceCode(request, application);
      case "refresh_token" -> byRefreshToken(request, application);
      case "authorization_code" -> byAuthorizationCode(request, application);
      default ->
          Answer.error(
              400,
              "unsupported_grant_type",
              70003,
              "The app requested an unsupported grant type '%s'.".formatted(grant));
    };
  }

  /** Gives a code that somebody has to type in. */
  Answer deviceCode(PlatformRequest request, int interval) {
    Optional<Answer> objection = directory.objection(request, true);
    if (objection.isPresent()) {
      return objection.get();
    }
    AppRegistration application = directory.application(request.get("client_id")).orElseThrow();
    if (resource(request.get("scope")).isEmpty()) {
      return invalidScope(request.get("scope"));
    }
    Code code = codes.issue(application);
    String page = "https://microsoft.com/devicelogin";
    Map<String, Object> content = new LinkedHashMap<>();
    content.put("user_code", code.user());
    content.put("device_code", code.device());
    content.put("verification_uri", page);
    content.put("expires_in", codes.lifetime().toSeconds());
    content.put("interval", interval);
    content.put(
        "message",
        "To sign in, use a web browser to open the page %s and enter the code %s to authenticate."
            .formatted(page, code.user()));
    return Answer.json(content);
  }

  private Answer byApplication(PlatformRequest request, AppRegistration application) {
    Optional<Answer> objection = proof.objection(request, application, base + request.path());
    if (objection.isPresent()) {
      return objection.get();
    }
    String scope = request.get("scope");
    if (resource(scope).isEmpty()
        || !scopes(scope).stream().allMatch(each -> each.endsWith("/.default"))) {
      return Answer.error(
          400,
          "invalid_scope",
          1002012,
          "The provided value for scope %s is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI)."
              .formatted(scope));
    }
    String audience = resource(scope).orElseThrow();
    Map<String, Object> content = new LinkedHashMap<>();
    content.put("token_type", "Bearer");
    content.put("expires_in", tokens.lifetime().toSeconds());
    content.put("ext_expires_in", tokens.lifetime().toSeconds());
    content.put("access_token", tokens.forApplication(application, directory.tenant(), audience));
    return Answer.json(content);
  }

  private Answer byDeviceCode(PlatformRequest request, AppRegistration application) {
    if (!application.hasPublicFlows() && request.get("client_secret").isEmpty()) {
      return proof.objection(request, application, base + request.path()).orElseThrow();
    }
    Optional<Code> found = codes.find(request.get("device_code"));
    if (found.isEmpty() || !found.get().application().equals(application)) {
      return Answer.error(
          400,
          "bad_verification_code",
          70018,
          "The provided verification code or device code is not valid.");
    }
    Code code = found.get();
    if (codes.isExpired(code)) {
      return Answer.error(
          400,
          "expired_token",
          70020,
          "The provided value for the input parameter 'device_code' is not valid. This device code has expired.");
    }
    if (code.declined()) {
      return Answer.error(
          400, "authorization_declined", 65004, "User declined to consent to access the app.");
    }
    String user = code.approvedBy();
    if (user == null) {
      return Answer.error(
          400,
          "authorization_pending",
          70016,
          "OAuth 2.0 device flow error. Authorization is pending. Continue polling.");
    }
    codes.spend(code);
    return byUser(request, application, user);
  }

  private Answer byAuthorizationCode(PlatformRequest request, AppRegistration application) {
    if (application.redirects() == AppRegistration.Redirects.OF_WEB) {
      Optional<Answer> objection = proof.objection(request, application, base + request.path());
      if (objection.isPresent()) {
        return objection.get();
      }
    }
    AuthorizeEndpoint.Redemption redemption = authorization.redeem(request, application);
    return redemption.refusal() == null
        ? byUser(request, application, redemption.user())
        : redemption.refusal();
  }

  private Answer byRefreshToken(PlatformRequest request, AppRegistration application) {
    Optional<IssuedTokens.Refresh> known =
        tokens
            .refresh(request.get("refresh_token"))
            .filter(each -> each.application().equals(application));
    if (known.isEmpty()) {
      return Answer.error(
          400,
          "invalid_grant",
          50173,
          "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password.");
    }
    return byUser(request, application, known.get().user());
  }

  private Answer byUser(PlatformRequest request, AppRegistration application, String user) {
    Optional<String> resource = resource(request.get("scope"));
    if (resource.isEmpty()) {
      return invalidScope(request.get("scope"));
    }
    List<String> asked = scopes(request.get("scope"));
    List<String> granted =
        asked.stream().map(each -> each.substring(each.lastIndexOf('/') + 1)).toList();
    Map<String, Object> content = new LinkedHashMap<>();
    content.put("token_type", "Bearer");
    content.put("scope", String.join(" ", asked));
    content.put("expires_in", tokens.lifetime().toSeconds());
    content.put("ext_expires_in", tokens.lifetime().toSeconds());
    String tenant = directory.tenant();
    content.put("access_token", tokens.forUser(application, tenant, resource.get(), user, granted));
    if (request.get("scope").contains("offline_access")) {
      content.put("refresh_token", tokens.newRefresh(application, user));
    }
    if (request.get("scope").contains("openid")) {
      content.put(
          "id_token", tokens.identity(application, base + "/" + tenant + "/v2.0", tenant, user));
    }
    if (request.get("client_info").equals("1")) {
      content.put("client_info", ClientInfo.of(user, tenant));
    }
    return Answer.json(content);
  }

  private static Answer invalidScope(String scope) {
    return Answer.error(
        400,
        "invalid_scope",
        70011,
        "The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope %s is not valid."
            .formatted(scope));
  }

  private static List<String> scopes(String scope) {
    return Arrays.stream(scope.split(" ", -1))
        .filter(each -> !each.isEmpty() && !ABOUT_USERS.contains(each))
        .toList();
  }

  /** The only resource of all scopes; a token is for one. */
  static Optional<String> resource(String scope) {
    List<String> resources =
        scopes(scope).stream()
            .filter(each -> each.startsWith("https://"))
            .map(each -> each.substring(0, each.lastIndexOf('/')))
            .distinct()
            .toList();
    return resources.size() == 1 ? Optional.of(resources.get(0)) : Optional.empty();
  }
}
