package org.tlsuplift.server.testing.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.aad.msal4j.AuthorizationCodeParameters;
import com.microsoft.aad.msal4j.ClientCredentialFactory;
import com.microsoft.aad.msal4j.ClientCredentialParameters;
import com.microsoft.aad.msal4j.ConfidentialClientApplication;
import com.microsoft.aad.msal4j.DeviceCodeFlowParameters;
import com.microsoft.aad.msal4j.IAuthenticationResult;
import com.microsoft.aad.msal4j.IClientCredential;
import com.microsoft.aad.msal4j.MsalServiceException;
import com.microsoft.aad.msal4j.PublicClientApplication;
import com.microsoft.aad.msal4j.SilentParameters;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.testing.Peer;

/** The stand-in is what the library of Microsoft takes for the platform. */
class IdentityPlatformTest {
  private static final Set<String> SCOPE = Set.of("https://outlook.office365.com/.default");
  private static final Set<String> SCOPES =
      Set.of(
          "https://outlook.office.com/SMTP.Send",
          "https://outlook.office.com/POP.AccessAsUser.All");
  private static final String USER = "scanner@" + IdentityPlatform.DOMAIN;

  private static final IdentityPlatform platform = IdentityPlatform.start();

  private final AppRegistration app = platform.register();

  @AfterAll
  static void end() {
    platform.close();
  }

  @Test
  void issuesLongTokensToAnApplicationWithASecret() throws Exception {
    IAuthenticationResult result = ask(ClientCredentialFactory.createFromSecret(app.newSecret()));

    assertThat(result.accessToken()).hasSizeBetween(2_000, 4_096);
    assertThat(result.expiresOnDate().toInstant())
        .isBetween(Instant.now().plusSeconds(3_500), Instant.now().plusSeconds(3_610));
    JsonNode claims = Jwt.parse(result.accessToken()).orElseThrow().claims();
    assertThat(claims.path("aud").asText()).isEqualTo("https://outlook.office365.com");
    assertThat(claims.path("roles").toString())
        .isEqualTo("[\"SMTP.SendAsApp\",\"IMAP.AccessAsApp\",\"POP.AccessAsApp\"]");
    assertThat(platform.tokenRequests("client_credentials"))
        .filteredOn(request -> request.get("client_id").equals(app.id()))
        .hasSize(1);
  }

  @Test
  void issuesTokensToAnApplicationWithACertificate() throws Exception {
    PlatformCertificate own = PlatformCertificate.selfSigned("TLS Uplift");
    app.add(own.certificate());

    IClientCredential assertion =
        ClientCredentialFactory.createFromCertificate(own.key(), own.certificate());

    assertThat(ask(assertion).accessToken()).hasSizeGreaterThan(2_000);
  }

  @Test
  void refusesAssertionsWithAnotherKey() {
    PlatformCertificate own = PlatformCertificate.selfSigned("TLS Uplift");
    PlatformCertificate other = PlatformCertificate.selfSigned("TLS Uplift");
    app.add(own.certificate());

    assertRefused(
        ClientCredentialFactory.createFromCertificate(other.key(), own.certificate()),
        401,
        "AADSTS700027: ");
    assertRefused(
        ClientCredentialFactory.createFromCertificate(other.key(), other.certificate()),
        401,
        "AADSTS700027: ");
  }

  @Test
  void refusesWrongAndExpiredSecrets() {
    assertRefused(ClientCredentialFactory.createFromSecret("wrong"), 401, "AADSTS7000215: ");
    String secret = app.newSecret();
    app.expireSecrets();
    assertRefused(ClientCredentialFactory.createFromSecret(secret), 401, "AADSTS7000222: ");
  }

  @Test
  void refusesUnknownApplicationsAndTenants() {
    IClientCredential secret = ClientCredentialFactory.createFromSecret(app.newSecret());

    assertThatThrownBy(() -> ask(platform.authority(), "11111111-no-such-app", secret))
        .hasRootCauseInstanceOf(MsalServiceException.class)
        .rootCause()
        .hasMessageStartingWith("AADSTS700016: ");
    assertThatThrownBy(() -> ask(platform.url() + "/other.example/", app.id(), secret))
        .rootCause()
        .hasMessageStartingWith("AADSTS90002: ");
  }

  @Test
  void signsAUserInByDeviceCodeAndRefreshes() throws Exception {
    Peer.requirePort(443);
    try (IdentityPlatform standard =
        IdentityPlatform.startOnStandardPort(PlatformCertificate::selfSigned)) {
      signInByDeviceCodeAndRefresh(standard);
    }
  }

  /** RFC 7636 appendix B has this verifier and its challenge. */
  @Test
  void givesCodesForOneUseByPkce() throws Exception {
    String verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    String address =
        platform.authority()
            + "oauth2/v2.0/authorize?client_id="
            + app.id()
            + "&response_type=code&response_mode=query&state=s&redirect_uri=http%3A%2F%2Flocalhost%3A4711&scope="
            + String.join("%20", SCOPES)
            + "&code_challenge_method=S256&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    String code = platform.signIn(address, USER).replaceAll(".*[?&]code=([^&]*).*", "$1");
    PublicClientApplication application = publicApplication(platform, app.id());

    assertThatThrownBy(() -> redeem(application, code, "x" + verifier, "http://localhost:4711"))
        .rootCause()
        .hasMessageStartingWith("AADSTS501481: ");
    assertThatThrownBy(() -> redeem(application, code, verifier, "http://localhost:4712"))
        .rootCause()
        .hasMessageStartingWith("AADSTS500112: ");
    assertThat(redeem(application, code, verifier, "http://localhost:4711").account().username())
        .isEqualTo(USER);
    assertThatThrownBy(() -> redeem(application, code, verifier, "http://localhost:4711"))
        .rootCause()
        .hasMessageStartingWith("AADSTS54005: ");

    assertThat(platform.signInError(address)).isEmpty();
    assertThat(platform.signInError(address.replace("S256", "plain"))).startsWith("AADSTS501491");
    assertThat(platform.signInError(address.replace("localhost%3A4711", "attacker.example")))
        .startsWith("AADSTS50011");
    assertThat(platform.signInError(address.replace("4711", "4712"))).isEmpty();
  }

  private static IAuthenticationResult redeem(
      PublicClientApplication application, String code, String verifier, String redirect)
      throws Exception {
    return application
        .acquireToken(
            AuthorizationCodeParameters.builder(code, URI.create(redirect))
                .scopes(SCOPES)
                .codeVerifier(verifier)
                .build())
        .get();
  }

  private static void signInByDeviceCodeAndRefresh(IdentityPlatform platform) throws Exception {
    PublicClientApplication application = publicApplication(platform, platform.register().id());
    DeviceCodeFlowParameters parameters =
        DeviceCodeFlowParameters.builder(SCOPES, code -> platform.approve(code.userCode(), USER))
            .build();

    IAuthenticationResult first = application.acquireToken(parameters).get();
    IAuthenticationResult second =
        application
            .acquireTokenSilently(
                SilentParameters.builder(SCOPES, first.account()).forceRefresh(true).build())
            .get();

    assertThat(first.account().username()).isEqualTo(USER);
    JsonNode claims = Jwt.parse(second.accessToken()).orElseThrow().claims();
    assertThat(claims.path("aud").asText()).isEqualTo("https://outlook.office.com");
    assertThat(claims.path("scp").asText().split(" ", -1))
        .containsExactlyInAnyOrder("SMTP.Send", "POP.AccessAsUser.All");
    assertThat(second.accessToken()).isNotEqualTo(first.accessToken());
    assertThat(platform.tokenRequests("refresh_token")).hasSize(1);

    platform.revokeRefreshTokens();
    assertThatThrownBy(
            () ->
                application
                    .acquireTokenSilently(
                        SilentParameters.builder(SCOPES, first.account())
                            .forceRefresh(true)
                            .build())
                    .get())
        .rootCause()
        .hasMessageStartingWith("AADSTS50173: ");
  }

  @Test
  void aUserDeclines() {
    DeviceCodeFlowParameters parameters =
        DeviceCodeFlowParameters.builder(SCOPES, code -> platform.decline(code.userCode())).build();

    assertThatThrownBy(() -> publicApplication(platform, app.id()).acquireToken(parameters).get())
        .rootCause()
        .hasMessageStartingWith("AADSTS65004: ");
  }

  @Test
  void simulatesTroubleAndRecovers() throws Exception {
    IClientCredential secret = ClientCredentialFactory.createFromSecret(app.newSecret());

    platform.suffer(Trouble.throttled(Duration.ofSeconds(7)));
    assertThatThrownBy(() -> ask(secret))
        .rootCause()
        .isInstanceOfSatisfying(
            MsalServiceException.class,
            refused -> {
              assertThat(refused.statusCode()).isEqualTo(429);
              // Names of headers may be written in any case (RFC 9110 section 5.1), and are.
              assertThat(refused.headers().get("Retry-after")).containsExactly("7");
            });
    platform.suffer(Trouble.unavailable());
    assertRefused(secret, 503, "AADSTS90033: ");
    platform.suffer(Trouble.webPage());
    assertThatThrownBy(() -> ask(secret)).isInstanceOf(ExecutionException.class);
    platform.recover();
    assertThat(ask(secret).accessToken()).isNotEmpty();
  }

  @Test
  void stopsAndStartsAgainOnTheSamePort() throws Exception {
    IClientCredential secret = ClientCredentialFactory.createFromSecret(app.newSecret());
    assertThat(ask(secret).accessToken()).isNotEmpty();
    platform.stop();
    assertThatThrownBy(() -> ask(secret)).hasRootCauseInstanceOf(ConnectException.class);
    platform.startAgain();
    assertThat(ask(secret).accessToken()).isNotEmpty();
  }

  @Test
  void introspectionReportsGoodTokens() throws Exception {
    IClientCredential secret = ClientCredentialFactory.createFromSecret(app.newSecret());
    String token = ask(secret).accessToken();

    assertThat(introspect(token)).contains("\"active\":true", "\"domain\":\"corp.example\"");
    assertThat(introspect(token + "x")).isEqualTo("{\"active\":false}");
    platform.revokeAccessTokens();
    assertThat(introspect(token)).isEqualTo("{\"active\":false}");
    platform.tokensLive(Duration.ZERO);
    String expired = ask(secret).accessToken();
    platform.tokensLive(Duration.ofHours(1));
    assertThat(introspect(expired)).isEqualTo("{\"active\":false}");
    AppRegistration.MAIL_ROLES.forEach(app::withdraw);
    assertThat(introspect(ask(secret).accessToken())).isEqualTo("{\"active\":false}");
  }

  private static String introspect(String token) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(platform.introspectionUrl()))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString("token=" + token))
            .build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  private void assertRefused(IClientCredential credential, int status, String text) {
    assertThatThrownBy(() -> ask(credential))
        .rootCause()
        .isInstanceOfSatisfying(
            MsalServiceException.class,
            refused -> {
              assertThat(refused.statusCode()).isEqualTo(status);
              assertThat(refused).hasMessageStartingWith(text);
            });
  }

  private IAuthenticationResult ask(IClientCredential credential) throws Exception {
    return ask(platform.authority(), app.id(), credential);
  }

  private IAuthenticationResult ask(String authority, String client, IClientCredential credential)
      throws Exception {
    return ConfidentialClientApplication.builder(client, credential)
        .authority(authority)
        .validateAuthority(false)
        .instanceDiscovery(false)
        .sslSocketFactory(trusting(platform))
        .build()
        .acquireToken(ClientCredentialParameters.builder(SCOPE).build())
        .get();
  }

  private static PublicClientApplication publicApplication(IdentityPlatform platform, String client)
      throws Exception {
    return PublicClientApplication.builder(client)
        .authority(platform.authority())
        .validateAuthority(false)
        .instanceDiscovery(false)
        .sslSocketFactory(trusting(platform))
        .build();
  }

  private static SSLSocketFactory trusting(IdentityPlatform platform) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setCertificateEntry("platform", platform.certificate());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context.getSocketFactory();
  }
}
