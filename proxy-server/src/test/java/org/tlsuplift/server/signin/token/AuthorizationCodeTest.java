package org.tlsuplift.server.signin.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.signin.TokenResult;
import org.tlsuplift.server.signin.token.AuthorizationRequest.Response;
import org.tlsuplift.server.testing.platform.PlatformRequest;
import org.tlsuplift.server.testing.platform.Trouble;

/** The sign-in of a user with an authorization code and PKCE. */
class AuthorizationCodeTest {
  private static final String MAILBOX = "scanner@corp.example";
  private static final String REDIRECT = "http://localhost:51004";

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);

  @SuppressWarnings("NullAway.Init")
  private UserSignInRig rig;

  @BeforeEach
  void start() {
    rig = new UserSignInRig(directory.resolve("sign-in"));
    lines.start();
    root.addAppender(lines);
  }

  @AfterEach
  void stop() {
    root.detachAppender(lines);
    rig.close();
  }

  @Test
  void givesTokensThatTheDaemonRefreshes() throws Exception {
    assertThat(signIn(address -> rig.platform().signIn(address, MAILBOX))).isEqualTo(MAILBOX);
    assertThat(rig.token(MAILBOX)).isInstanceOf(TokenResult.Issued.class);
    assertThat(rig.platform().tokenRequests("authorization_code")).hasSize(1);
  }

  @Test
  void namesTheUserWhoSignedIn() throws Exception {
    assertThat(signIn(address -> rig.platform().signIn(address, "admin@corp.example")))
        .isEqualTo("admin@corp.example");
  }

  @Test
  void keepsCodeVerifierAndTokensSecret() throws Exception {
    List<Logger> loggers =
        Stream.of("com.microsoft.aad.msal4j", "org.tlsuplift")
            .map(name -> (Logger) LoggerFactory.getLogger(name))
            .toList();
    loggers.forEach(logger -> logger.setLevel(Level.DEBUG));
    try {
      signIn(address -> rig.platform().signIn(address, MAILBOX));
    } finally {
      loggers.forEach(logger -> logger.setLevel(null));
    }
    PlatformRequest redeemed = rig.platform().tokenRequests("authorization_code").get(0);
    assertThat(redeemed.get("code_verifier")).hasSize(43);
    // The code, the verifier, the refresh token and the access token.
    assertThat(rig.platform().issued()).hasSizeGreaterThanOrEqualTo(4);
    for (String secret : rig.platform().issued()) {
      assertThat(lines.list).noneMatch(line -> line.getFormattedMessage().contains(secret));
      try (Stream<Path> files = Files.list(directory.resolve("sign-in"))) {
        assertThat(files)
            .isNotEmpty()
            .allSatisfy(
                file ->
                    assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                        .doesNotContain(secret));
      }
    }
    assertThat(new Response.Granted("PLANTED")).asString().doesNotContain("PLANTED");
  }

  @Test
  void eachRequestHasItsOwnStateAndChallenge() {
    AuthorizationRequest one = request();
    AuthorizationRequest two = request();
    assertThat(parameter(one, "state")).hasSize(43).isNotEqualTo(parameter(two, "state"));
    assertThat(parameter(one, "code_challenge"))
        .hasSize(43)
        .isNotEqualTo(parameter(two, "code_challenge"));
    assertThat(one.address())
        .startsWith(
            rig.platform().authority() + "oauth2/v2.0/authorize?client_id=" + rig.app().id())
        .contains(
            "&code_challenge_method=S256",
            "&prompt=select_account",
            "&redirect_uri=http%3A%2F%2Flocalhost%3A51004&",
            "SMTP.Send%20https",
            "%20offline_access");
    String verifier = one.redemption("code").codeVerifier();
    assertThat(one.address() + one).doesNotContain(verifier);
    assertThat(rig.platform().signInError(one.address())).isEmpty();
  }

  @Test
  void readsAnAddressWithSpacesAndLineBreaks() {
    AuthorizationRequest request = request();
    String state = parameter(request, "state");
    Response code = new Response.Granted("1.AXkA-b_c/+=");
    String address = REDIRECT + "/?code=1.AXkA-b_c%2F%2B%3D&state=" + state + "&session_state=x";
    assertThat(request.read(address)).isEqualTo(code);
    assertThat(request.read("  <" + address + ">\r\n")).isEqualTo(code);
    assertThat(request.read("\"" + address.replace("&", "\n &") + "\u200b\"")).isEqualTo(code);
    assertThat(request.read(address + "#")).isEqualTo(code);
    assertThat(request.read("/?state=" + state + "&code=1.AXkA-b_c%2F%2B%3D")).isEqualTo(code);
    assertThat(request.read(REDIRECT + "/?code=1.AX")).isEqualTo(new Response.Incomplete());
    assertThat(request.read(REDIRECT + "/?code=1.AXkA&state=" + state.substring(0, 20)))
        .isEqualTo(new Response.Incomplete());
  }

  @Test
  void refusesForgedAndForeignAddresses() {
    AuthorizationRequest request = request();
    String state = parameter(request, "state");
    for (String forged :
        List.of(parameter(request(), "state"), state + "x", state.toLowerCase(Locale.ROOT))) {
      assertThat(request.read(REDIRECT + "/?code=1.AXkA&state=" + forged))
          .isEqualTo(new Response.Foreign());
      assertThat(request.read("/?error=access_denied&state=" + forged))
          .isEqualTo(new Response.Foreign());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "yes",
        "https://login.microsoftonline.com/common/oauth2/v2.0/authorize?client_id=1",
        "http://localhost/?code=%zz",
        "http://localhost/?code=1&code=2"
      })
  void otherTextsAreNoAddress(String text) {
    assertThat(request().read(text)).isEqualTo(new Response.Unknown());
  }

  @Test
  void anAddressIsBounded() {
    AuthorizationRequest request = request();
    assertThat(
            request.read(
                REDIRECT
                    + "/?code="
                    + "a".repeat(AuthorizationRequest.MAX_ADDRESS)
                    + "&state="
                    + parameter(request, "state")))
        .isEqualTo(new Response.Unknown());
  }

  @Test
  void readsRefusalsOfUserAndPlatform() {
    AuthorizationRequest request = request();
    assertThat(request.read(rig.platform().declineSignIn(request.address())))
        .isEqualTo(new Response.Refused("the user declined the sign-in"));
    String refused = "/?error=%s&error_description=%s&state=" + parameter(request, "state");
    assertThat(request.read(refused.formatted("access_denied", "AADSTS53003%3A+PLANTED")))
        .isEqualTo(
            new Response.Refused(
                "the identity platform returned access_denied, AADSTS53003: a Conditional Access policy blocks the sign-in; exclude the application or user from it"));
    assertThat(request.read(refused.formatted("PLANTED%0A", "PLANTED")))
        .asString()
        .doesNotContain("PLANTED");
  }

  @Test
  void aCodeIsGoodOnce() throws Exception {
    String[] used = {""};
    signIn(
        address -> {
          used[0] = rig.platform().signIn(address, MAILBOX);
          return used[0];
        });
    String code = used[0].replaceAll(".*[?&]code=([^&]*).*", "$1");
    assertThatThrownBy(() -> rig.browser().signIn(MAILBOX, new Waiting(request -> code)))
        .isInstanceOf(OperatorException.class)
        .hasMessage(
            "the identity platform returned invalid_grant, AADSTS54005: the code was used already or has expired; run the command again");
  }

  @Test
  void anExpiredCodeIsRefused() {
    rig.platform().authorizationCodesLive(Duration.ZERO);
    assertThatThrownBy(() -> signIn(address -> rig.platform().signIn(address, MAILBOX)))
        .hasMessageEndingWith(
            "AADSTS70008: the code was used already or has expired; run the command again");
    assertThat(directory.resolve("sign-in")).doesNotExist();
  }

  /** The victim's code is injected into the attacker's sign-in: PKCE refuses it. */
  @Test
  void aCodeOfAnotherSignInIsRefused() {
    AuthorizationRequest other = request();
    String stolen = rig.platform().signIn(other.address(), MAILBOX);
    String code = stolen.replaceAll(".*[?&]code=([^&]*).*", "$1");
    assertThatThrownBy(() -> rig.browser().signIn(MAILBOX, new Waiting(request -> code)))
        .hasMessageContaining("AADSTS501481: the code was used already or has expired");
    assertThat(rig.platform().tokenRequests("authorization_code")).hasSize(1);
  }

  @Test
  void namesTheRedirectUriThatIsRegisteredForAnotherPlatform() {
    rig.app().redirectToWebOnly();
    assertThatThrownBy(() -> signIn(address -> rig.platform().signIn(address, MAILBOX)))
        .hasMessage(
            "the identity platform returned 401 invalid_client, AADSTS7000218: the redirect URI http://localhost is registered for another platform; register it for 'Mobile and desktop applications' only");
  }

  @Test
  void anUnreachablePlatformIsNamed() {
    assertThatThrownBy(
            () ->
                signIn(
                    address -> {
                      String redirect = rig.platform().signIn(address, MAILBOX);
                      rig.platform().suffer(Trouble.webPage());
                      return redirect;
                    }))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("status 502 without JSON");
  }

  /** Microsoft blocks device code flow with this error: azure-cli, issue 32420. */
  @Test
  void aBlockedDeviceCodeNamesTheBrowserInstead() {
    rig.platform()
        .suffer(
            Trouble.error(
                400,
                "invalid_grant",
                53003,
                "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance."));
    assertThatThrownBy(() -> rig.browser().signIn(MAILBOX, invitation -> {}))
        .hasMessageEndingWith(
            "AADSTS53003: a Conditional Access policy blocks the sign-in; exclude the application or user from it; if the policy blocks device code flow: tls-uplift accounts sign-in --browser "
                + MAILBOX);
    rig.platform().recover();
    rig.platform().poll(Duration.ofSeconds(1));
    rig.platform().codesLive(Duration.ofSeconds(1));
    assertThatThrownBy(() -> rig.browser().signIn(MAILBOX, invitation -> {}))
        .hasMessage(
            "the code was not entered in time; run the command again; if Microsoft's page showed the error 53003, a policy blocks device code flow: tls-uplift accounts sign-in --browser "
                + MAILBOX);
  }

  private AuthorizationRequest request() {
    return new AuthorizationRequest(rig.authority(), REDIRECT, MAILBOX);
  }

  /** Signs in with what a browser makes of the address. */
  private String signIn(UnaryOperator<String> browser) throws Exception {
    return rig.browser()
        .signIn(
            MAILBOX,
            new Waiting(
                request -> {
                  Response response = request.read(browser.apply(request.address()));
                  assertThat(response).isInstanceOf(Response.Granted.class);
                  return ((Response.Granted) response).code();
                }));
  }

  private static String parameter(AuthorizationRequest request, String name) {
    return URI.create(request.address())
        .getQuery()
        .replaceAll(".*[?&]?\\b" + name + "=([^&]*).*", "$1");
  }

  /** A redirect without a listener. */
  private record Waiting(Function<AuthorizationRequest, String> code)
      implements BrowserSignIn.Redirect {
    @Override
    public String uri() {
      return REDIRECT;
    }

    @Override
    public String await(AuthorizationRequest request) {
      return code.apply(request);
    }
  }
}
