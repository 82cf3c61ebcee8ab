package org.tlsuplift.server.signin.openid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.keys.HmacKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an OpenID provider must say so that its user is believed. */
class OpenIdProviderTest {
  private static final String REDIRECT = "https://uplift.corp.example/sign-in/openid/return";

  private final StandInProvider idp = new StandInProvider();
  private OpenIdProvider provider = idp.provider();
  private OpenIdRequest request = OpenIdRequest.begin(false, "/devices");

  private OpenIdUser signIn() throws OpenIdException {
    return provider.redeem(
        request, REDIRECT, idp.authorize(provider.authorization(request, REDIRECT)).get("code"));
  }

  private void refused(String log) {
    assertThatThrownBy(this::signIn)
        .isInstanceOfSatisfying(
            OpenIdException.class, refused -> assertThat(refused.isRefusal()).isTrue())
        .hasMessageContaining(log);
  }

  private void unusable(String log) {
    assertThatThrownBy(this::signIn)
        .isInstanceOfSatisfying(
            OpenIdException.class, failed -> assertThat(failed.isRefusal()).isFalse())
        .hasMessageContaining(log);
  }

  private void refused(String log, Consumer<JwtClaims> claims) {
    idp.claims = claims;
    refused(log);
  }

  @ParameterizedTest
  @CsvSource({"RS256,rsa", "PS256,rsa", "ES256,ec"})
  void believesSignedTokens(String algorithm, String key) throws Exception {
    idp.algorithm = algorithm;
    idp.key = key.equals("ec") ? StandInProvider.EC : StandInProvider.RSA;
    OpenIdUser user = signIn();
    assertThat(user.name()).isEqualTo("alice@corp.example");
    assertThat(user.subject()).isEqualTo("subject-1");
    assertThat(user.roles()).containsExactly("uplift-operators");
    assertThat(user.authenticated()).isEmpty();
    assertThat(idp.lastForm)
        .containsEntry("grant_type", "authorization_code")
        .containsEntry("client_id", "uplift")
        .doesNotContainKey("client_secret");
    assertThat(idp.lastHeaders).doesNotContainKey("Authorization");
  }

  @Test
  void asksWithProofKeyStateAndNonce() throws Exception {
    Map<String, String> asked =
        StandInProvider.form(provider.authorization(request, REDIRECT).replaceFirst(".*\\?", ""));
    assertThat(asked)
        .containsEntry("response_type", "code")
        .containsEntry("client_id", "uplift")
        .containsEntry("redirect_uri", REDIRECT)
        .containsEntry("scope", "openid profile email")
        .containsEntry("code_challenge_method", "S256")
        .doesNotContainKeys("prompt", "max_age");
    assertThat(List.of(asked.get("state"), asked.get("nonce"), asked.get("code_challenge")))
        .doesNotHaveDuplicates()
        .allMatch(value -> value.matches("[A-Za-z0-9_-]{43}"))
        .doesNotContain(request.key());
    Map<String, String> again =
        StandInProvider.form(
            provider
                .authorization(OpenIdRequest.begin(true, "/"), REDIRECT)
                .replaceFirst(".*\\?", ""));
    assertThat(again).containsEntry("prompt", "login").containsEntry("max_age", "0");
  }

  @Test
  void refusesTokensForOthers() {
    refused("nonce of another sign-in", claims -> claims.setStringClaim("nonce", "another"));
    refused("nonce of another sign-in", claims -> claims.unsetClaim("nonce"));
    refused("(iss)", claims -> claims.setIssuer("https://idp.example/other"));
    refused("(iss)", claims -> claims.unsetClaim("iss"));
    refused("(aud)", claims -> claims.setAudience("other"));
    refused("(aud)", claims -> claims.unsetClaim("aud"));
    refused("another client (azp)", claims -> claims.setAudience("uplift", "other"));
    refused("another client (azp)", claims -> claims.setStringClaim("azp", "other"));
    refused("sub", claims -> claims.unsetClaim("sub"));
  }

  @Test
  void acceptsSeveralAudiencesForThisClient() throws Exception {
    idp.claims =
        claims -> {
          claims.setAudience("uplift", "other");
          claims.setStringClaim("azp", "uplift");
        };
    assertThat(signIn().subject()).isEqualTo("subject-1");
  }

  @Test
  void refusesTokensOfAnotherTime() throws Exception {
    long now = idp.now.getEpochSecond();
    Consumer<JwtClaims> expired =
        claims -> {
          claims.setIssuedAt(NumericDate.fromSeconds(now - 300));
          claims.setExpirationTime(NumericDate.fromSeconds(now - 60));
        };
    refused("differ by more than a minute; check it with: timedatectl", expired);
    refused("differ by", claims -> claims.setIssuedAt(NumericDate.fromSeconds(now + 61)));
    refused("differ by", claims -> claims.setIssuedAt(NumericDate.fromSeconds(now - 3661)));
    refused("differ by", claims -> claims.setNotBefore(NumericDate.fromSeconds(now + 61)));
    refused("", claims -> claims.unsetClaim("exp"));
    refused("", claims -> claims.unsetClaim("iat"));
    idp.claims =
        claims -> {
          claims.setIssuedAt(NumericDate.fromSeconds(now + 60));
          claims.setExpirationTime(NumericDate.fromSeconds(now + 61));
        };
    signIn();
    idp.claims =
        claims -> {
          claims.setIssuedAt(NumericDate.fromSeconds(now - 300));
          claims.setExpirationTime(NumericDate.fromSeconds(now - 59));
        };
    signIn();
  }

  @Test
  void refusesForeignAndMissingSignatures() throws Exception {
    idp.key = StandInProvider.rsa("rsa");
    refused("its signature is wrong");
    idp.key = StandInProvider.rsa("unknown");
    refused("a key that the provider does not publish");
    idp.key = StandInProvider.RSA;
    String genuine = idp.signed(request.nonce());
    String payload = genuine.split("\\.", -1)[1];
    for (String header :
        List.of("{\"alg\":\"none\"}", "{\"alg\":\"none\",\"kid\":\"rsa\"}", "{\"alg\":\"None\"}")) {
      String none = base64(header.getBytes(StandardCharsets.US_ASCII));
      idp.token = none + "." + payload + ".";
      refused("the ID token is refused");
      idp.token = none + "." + payload + "." + genuine.split("\\.", -1)[2];
      refused("the ID token is refused");
    }
    JsonWebSignature symmetric = new JsonWebSignature();
    symmetric.setPayload(
        new String(Base64.getUrlDecoder().decode(payload), StandardCharsets.UTF_8));
    symmetric.setAlgorithmHeaderValue("HS256");
    symmetric.setKeyIdHeaderValue("rsa");
    symmetric.setKey(new HmacKey(StandInProvider.RSA.getPublicKey().getEncoded()));
    idp.token = symmetric.getCompactSerialization();
    refused("the ID token is refused");
    for (String damaged :
        List.of("x", "..", genuine.substring(0, genuine.length() - 8), genuine + "." + payload)) {
      idp.token = damaged;
      refused("the ID token is refused");
    }
    idp.token = genuine;
    assertThat(signIn().subject()).as("the genuine token").isEqualTo("subject-1");
  }

  @Test
  void refusesOtherAlgorithmsOfTheSameKey() {
    for (String algorithm : List.of("RS512", "PS384")) {
      idp.algorithm = algorithm;
      refused("its algorithm is not RS256, ES256 or PS256");
    }
  }

  @Test
  void quotesNoTokenInMessages() throws Exception {
    idp.key = StandInProvider.rsa("rsa");
    assertThatThrownBy(this::signIn)
        .satisfies(
            refused ->
                assertThat(refused.getMessage()).doesNotContain("eyJ").doesNotContain("alice"));
  }

  @Test
  void refusesACodeThatWasUsed() throws Exception {
    String code = idp.authorize(provider.authorization(request, REDIRECT)).get("code");
    provider.redeem(request, REDIRECT, code);
    assertThatThrownBy(() -> provider.redeem(request, REDIRECT, code))
        .hasMessageContaining("invalid_grant no such code")
        .hasMessageContaining("redirect URI " + REDIRECT);
    OpenIdRequest other = OpenIdRequest.begin(false, "/");
    String stolen = idp.authorize(provider.authorization(request, REDIRECT)).get("code");
    assertThatThrownBy(() -> provider.redeem(other, REDIRECT, stolen))
        .as("a code for another browser, which has another verifier")
        .hasMessageContaining("invalid_grant");
  }

  @Test
  void readsRotatedKeysOncePerMinute() throws Exception {
    signIn();
    idp.key = StandInProvider.rsa("next");
    idp.published = List.of(idp.key);
    for (int attempt = 0; attempt < 5; attempt++) {
      refused("a key that the provider does not publish");
    }
    assertThat(keyReads()).as("anyone can make tokens with unknown keys").isEqualTo(1);
    idp.now = idp.now.plusSeconds(61);
    signIn();
    signIn();
    assertThat(keyReads()).isEqualTo(2);
    idp.key = StandInProvider.RSA;
    refused("a key that the provider does not publish");
    idp.now = idp.now.plus(Duration.ofMinutes(61));
    idp.published = List.of(StandInProvider.RSA);
    signIn();
    assertThat(idp.requests)
        .as("the discovery document of the second hour")
        .filteredOn(each -> each.endsWith("openid-configuration"))
        .hasSize(2);
  }

  private long keyReads() {
    return idp.requests.stream().filter(each -> each.endsWith("/keys")).count();
  }

  @Test
  void reportsAProviderThatCannotBeUsed() {
    idp.unreachable = true;
    unusable("idp.example:443 is unreachable; let this machine reach it");
    idp.unreachable = false;
    idp.body = "<html>";
    unusable("openid-configuration: status 404 without JSON; correct admin.openIdConnect.issuer");
    idp.body = "";
    idp.document.put("issuer", "https://idp.example/realm/");
    unusable("has the issuer 'https://idp.example/realm/'; write it into");
    idp.document.put("issuer", StandInProvider.ISSUER);
    idp.document.put("authorization_endpoint", "http://idp.example/authorize");
    unusable(
        "authorization_endpoint of the discovery document: got 'http://idp.example/authorize'");
    assertThat(idp.requests).as("every failure is followed by a new attempt").hasSize(3);
  }

  @Test
  void reportsKeysThatCannotBeRead() {
    idp.document.put("jwks_uri", StandInProvider.ISSUER + "/elsewhere");
    unusable("the keys at the provider's jwks_uri cannot be read");
  }

  @Test
  void sendsTheSecretAsTheProviderWants() throws Exception {
    provider = new OpenIdProvider(StandInProvider.client(), idp, () -> "s:cr t", idp.clock());
    signIn();
    assertThat(idp.lastHeaders)
        .containsEntry("Authorization", "Basic " + base64Padded("uplift:s%3Acr+t"));
    assertThat(idp.lastForm).doesNotContainKey("client_secret");
    // As Microsoft Entra ID publishes it.
    idp.document.put(
        "token_endpoint_auth_methods_supported", List.of("client_secret_post", "private_key_jwt"));
    provider = new OpenIdProvider(StandInProvider.client(), idp, () -> "s:cr t", idp.clock());
    signIn();
    assertThat(idp.lastForm).containsEntry("client_secret", "s:cr t");
    assertThat(idp.lastHeaders).doesNotContainKey("Authorization");
  }

  @Test
  void takesTheNameThatPeopleKnow() throws Exception {
    idp.claims =
        claims -> {
          claims.unsetClaim("preferred_username");
          claims.setStringClaim("email", "bob@corp.example");
        };
    assertThat(signIn().name()).isEqualTo("bob@corp.example");
    idp.claims = claims -> claims.setStringClaim("preferred_username", " ");
    assertThat(signIn().name()).isEqualTo("subject-1");
    idp.claims =
        claims -> claims.setStringClaim("preferred_username", "\u202eevil\n" + "x".repeat(500));
    assertThat(signIn().name()).startsWith("?evil?xxx").hasSizeLessThanOrEqualTo(64);
  }

  @Test
  void readsRolesAndTheTimeOfThePassword() throws Exception {
    idp.claims =
        claims -> {
          claims.setStringClaim("roles", "one");
          claims.setClaim("auth_time", idp.now.getEpochSecond() - 20);
        };
    OpenIdUser user = signIn();
    assertThat(user.roles()).containsExactly("one");
    assertThat(user.authenticated()).contains(Instant.parse("2026-11-30T09:59:40Z"));
    idp.claims = claims -> claims.unsetClaim("roles");
    assertThat(signIn().roles()).isEmpty();
    refused("a claim has another type", claims -> claims.setStringClaim("auth_time", "now"));
  }

  @Test
  void cookieIsReadBackAndNothingElse() {
    OpenIdRequest begun = OpenIdRequest.begin(true, "/devices?q=a;b&c=\u00fc");
    assertThat(OpenIdRequest.of(begun.cookie())).contains(begun);
    assertThat(begun.hasState(begun.state())).isTrue();
    assertThat(begun.hasState(OpenIdRequest.begin(true, "/").state())).isFalse();
    assertThat(begun.hasState("")).isFalse();
    assertThat(begun.toString()).doesNotContain(begun.key());
    for (String other :
        List.of("", "x", begun.key(), begun.cookie() + "=", begun.cookie().substring(1))) {
      assertThat(OpenIdRequest.of(other)).as(other).isEmpty();
    }
  }

  @Test
  void namesTheProviderForPeople() {
    assertThat(StandInProvider.client().provider()).isEqualTo("idp.example");
    assertThat(
            new OpenIdClient("https://login.microsoftonline.com/x/v2.0", "id", "roles").provider())
        .isEqualTo("Microsoft");
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static String base64Padded(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
