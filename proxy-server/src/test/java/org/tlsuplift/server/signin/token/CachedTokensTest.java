package org.tlsuplift.server.signin.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.signin.AccessToken;
import org.tlsuplift.proxy.signin.TokenResult;
import org.tlsuplift.proxy.tls.OriginTrust;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.testing.Upstreams;
import org.tlsuplift.server.testing.platform.AppRegistration;
import org.tlsuplift.server.testing.platform.IdentityPlatform;
import org.tlsuplift.server.testing.platform.PlatformCertificate;
import org.tlsuplift.server.testing.platform.Trouble;

/** Tokens for mailboxes, by the real library over the real connector. */
class CachedTokensTest {
  private static final String MAILBOX = "scanner@" + IdentityPlatform.DOMAIN;
  private static final String OTHER = "fax@" + IdentityPlatform.DOMAIN;
  private static final List<String> SCOPE = List.of("https://outlook.office365.com/.default");
  private static final List<String> SCOPES =
      List.of(
          "https://outlook.office.com/SMTP.Send",
          "https://outlook.office.com/IMAP.AccessAsUser.All",
          "https://outlook.office.com/POP.AccessAsUser.All");

  private static final String PLANTED = "PLANTED-in-an-answer";

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  private static final PlatformCertificate CERTIFICATE =
      PlatformCertificate.selfSigned("localhost", "127.0.0.1");

  private final IdentityPlatform platform =
      IdentityPlatform.start(CERTIFICATE.key(), CERTIFICATE.certificate());
  private final AppRegistration app = platform.register();
  private final List<TokenOutcome> outcomes = new CopyOnWriteArrayList<>();
  @AutoClose private final Schedule schedule = new Schedule();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Logger log = (Logger) LoggerFactory.getLogger(TokenRefresher.class);
  private volatile ApplicationCredential proof = new ApplicationCredential.Secret("");
  private volatile Optional<ApplicationCredential> previous = Optional.empty();

  @BeforeEach
  void secret() {
    proof = new ApplicationCredential.Secret(app.newSecret());
    lines.start();
    log.addAppender(lines);
  }

  @AfterEach
  void close() throws Exception {
    log.detachAppender(lines);
    for (AutoCloseable each : opened) {
      each.close();
    }
    platform.close();
  }

  @Test
  void oneRequestServesAllMailboxes() {
    CachedTokens tokens = tokens();
    List<CompletionStage<TokenResult>> answers = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      answers.add(tokens.token(i % 2 == 0 ? MAILBOX : OTHER));
    }
    assertThat(answers).extracting(each -> issued(each).value()).containsOnly(value(tokens));
    assertThat(platform.tokenRequests()).hasSize(1);
    assertThat(tokens.usable()).isEqualTo(1);
    assertThat(tokens.missing()).isZero();
    assertThat(tokens.firstExpiry()).isPresent();
    assertThat(outcomes).containsExactly(TokenOutcome.ISSUED);
  }

  @Test
  void aCertificateProvesTheApplicationToo() {
    PlatformCertificate own = PlatformCertificate.selfSigned("TLS Uplift");
    app.add(own.certificate());
    proof = new ApplicationCredential.Certificate(own.key(), List.of(own.certificate()));
    assertThat(value(tokens())).hasSizeGreaterThan(2000);
  }

  @ParameterizedTest
  @CsvSource({
    "invalid_client, 700027, 2",
    "invalid_client, 50012, 2",
    "invalid_client, 700030, 2",
    "invalid_client, 7000214, 1",
    "invalid_client, 700024, 1",
    "unauthorized_client, 7000112, 1"
  })
  void triesThePreviousCertificateOnlyWhereTheNewOneIsUnknown(
      String error, int code, int requests) {
    previous = Optional.of(proof);
    platform.suffer(Trouble.error(401, error, code, "no"));
    assertThat(answer(tokens().token(MAILBOX))).isInstanceOf(TokenResult.Refused.class);
    assertThat(platform.tokenRequests()).hasSize(requests);
  }

  @Test
  void namesTheCommandWhereThePreviousCertificateBringsAToken() {
    PlatformCertificate unknown = PlatformCertificate.selfSigned("TLS Uplift");
    previous = Optional.of(proof);
    proof = new ApplicationCredential.Certificate(unknown.key(), List.of(unknown.certificate()));
    Logger grants = (Logger) LoggerFactory.getLogger(ApplicationGrant.class);
    grants.addAppender(lines);
    assertThat(value(tokens())).isNotEmpty();
    grants.detachAppender(lines);
    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .anyMatch(line -> line.startsWith("run 'renew --config FILE': tenant contoso"));
  }

  @Test
  void tokensSurviveARestartAndAreNotReadable() throws IOException {
    String first;
    try (CachedTokens tokens = tokens()) {
      first = value(tokens);
    }
    assertThat(value(tokens())).isEqualTo(first);
    assertThat(platform.tokenRequests()).hasSize(1);
    try (Stream<Path> files = Files.list(directory.resolve("sign-in"))) {
      assertThat(files)
          .hasSize(2)
          .allSatisfy(
              file -> {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                    .doesNotContain(first.substring(0, 20))
                    .doesNotContain("access_token");
              });
    }
  }

  @Test
  void setsADamagedFileAside() throws IOException {
    try (CachedTokens tokens = tokens()) {
      value(tokens);
    }
    Path file = tokenFile();
    byte[] content = Files.readAllBytes(file);
    content[content.length / 2] ^= 1;
    Files.write(file, content);
    assertThat(value(tokens())).isNotEmpty();
    assertThat(platform.tokenRequests()).hasSize(2);
    assertThat(file.resolveSibling(file.getFileName() + ".unreadable")).hasBinaryContent(content);
    assertThat(file).exists();
  }

  @Test
  void renewsARefusedTokenOnceForAllAndNotAgainAtOnce() {
    CachedTokens tokens = tokens();
    AccessToken first = issued(tokens.token(MAILBOX));
    platform.revokeAccessTokens();
    List<CompletionStage<TokenResult>> answers = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      answers.add(tokens.renew(i % 2 == 0 ? MAILBOX : OTHER, first));
    }
    String second = issued(answers.get(0)).value();
    assertThat(second).isNotEqualTo(first.value());
    assertThat(answers).extracting(each -> issued(each).value()).containsOnly(second);
    assertThat(issued(tokens.renew(OTHER, first)).value()).isEqualTo(second);
    assertThat(value(tokens)).isEqualTo(second);
    assertThat(platform.tokenRequests()).hasSize(2);
    assertThat(answer(tokens.renew(MAILBOX, issued(tokens.token(MAILBOX)))))
        .isInstanceOfSatisfying(
            TokenResult.Refused.class,
            refused -> assertThat(refused.why()).contains("so the token is not the cause"));
    assertThat(platform.tokenRequests()).hasSize(2);
  }

  @Test
  void isRenewedBeforeItExpires() {
    platform.tokensLive(Duration.ofSeconds(2));
    CachedTokens tokens = tokens();
    tokens.keep(List.of(MAILBOX), schedule);
    String first = value(tokens);
    await()
        .untilAsserted(
            () ->
                assertThat(answer(tokens.token(MAILBOX)))
                    .isInstanceOfSatisfying(
                        TokenResult.Issued.class,
                        issued -> assertThat(issued.token().value()).isNotEqualTo(first)));
    assertThat(outcomes).containsOnly(TokenOutcome.ISSUED);
  }

  @Test
  void aWrongSecretIsRefusedWithTheRemedyAndNotTriedByEachDevice() {
    proof = new ApplicationCredential.Secret("not-the-s3cret");
    CachedTokens tokens = tokens();
    for (int i = 0; i < 100; i++) {
      assertThat(answer(tokens.token(MAILBOX)))
          .isEqualTo(
              new TokenResult.Refused(
                  "the identity platform returned 401 invalid_client, AADSTS7000215: the client"
                      + " secret is wrong; write its value, not its ID, into clientSecretFile"));
    }
    assertThat(platform.tokenRequests()).hasSize(1);
    assertThat(tokens.missing()).isEqualTo(1);
  }

  @Test
  void usesANewSecretWithoutARestart() {
    proof = new ApplicationCredential.Secret("not-the-s3cret");
    CachedTokens tokens = tokens();
    assertThat(answer(tokens.token(MAILBOX))).isInstanceOf(TokenResult.Refused.class);
    proof = new ApplicationCredential.Secret(app.newSecret());
    assertThat(answer(tokens.token(MAILBOX))).isInstanceOf(TokenResult.Issued.class);
  }

  @Test
  void obeysRetryAfter() {
    platform.suffer(Trouble.throttled(Duration.ofSeconds(2)));
    CachedTokens tokens = tokens();
    assertThat(answer(tokens.token(MAILBOX)))
        .isInstanceOfSatisfying(
            TokenResult.Unavailable.class,
            unavailable -> assertThat(unavailable.why()).contains("the identity platform"));
    int asked = platform.tokenRequests().size();
    platform.recover();
    assertThat(answer(tokens.token(MAILBOX))).isInstanceOf(TokenResult.Unavailable.class);
    assertThat(platform.tokenRequests()).hasSize(asked);
    await()
        .untilAsserted(
            () -> assertThat(answer(tokens.token(MAILBOX))).isInstanceOf(TokenResult.Issued.class));
  }

  @Test
  void requestsAgainAfterAPlatformOutage() {
    CachedTokens tokens = tokens();
    platform.stop();
    assertThat(answer(tokens.token(MAILBOX)))
        .isInstanceOfSatisfying(
            TokenResult.Unavailable.class,
            unavailable ->
                assertThat(unavailable.why())
                    .startsWith("the identity platform is unreachable: localhost:"));
    platform.startAgain();
    await()
        .untilAsserted(
            () -> assertThat(answer(tokens.token(MAILBOX))).isInstanceOf(TokenResult.Issued.class));
  }

  private static Stream<Arguments> troubles() {
    return Stream.of(
        Arguments.of(
            Trouble.webPage(),
            "is unreachable: localhost:\\d+: status 502 without JSON; a proxy on the way may have"
                + " sent it; check with: tls-uplift probe localhost:\\d+"),
        Arguments.of(
            Trouble.redirect("https://proxy.example/?" + PLANTED),
            "is unreachable: localhost:\\d+: status 302 without JSON.*"),
        Arguments.of(
            Trouble.cutOff("{\"access_token\": \"" + PLANTED + PLANTED + PLANTED + "\"}"),
            "is unreachable: localhost:\\d+: the connection was closed during the response"),
        Arguments.of(
            Trouble.content("{\"" + PLANTED + "\": 1}"),
            "is unreachable: status 200 without a token"),
        Arguments.of(
            Trouble.content("{\"access_token\": " + PLANTED + "}"),
            "'s response is invalid \\(\\w+\\)"),
        Arguments.of(
            Trouble.content("{\"access_token\": \"" + PLANTED.repeat(15_000) + "\"}"),
            "is unreachable: localhost:\\d+: the response is larger than 256 KiB"),
        Arguments.of(Trouble.unavailable(), "returned 503 temporarily_unavailable, AADSTS90033"));
  }

  @ParameterizedTest
  @MethodSource("troubles")
  void invalidResponsesAreLoggedOnceAndNotRequestedByEachDevice(Trouble trouble, String cause) {
    platform.suffer(trouble);
    CachedTokens tokens = tokens();
    for (int i = 0; i < 20; i++) {
      assertThat(answer(tokens.token(MAILBOX)))
          .isInstanceOfSatisfying(
              TokenResult.Unavailable.class,
              unavailable ->
                  assertThat(unavailable.why())
                      .matches("the identity platform ?" + cause)
                      .doesNotContain(PLANTED));
    }
    assertThat(platform.tokenRequests()).hasSize(1);
    assertThat(outcomes).containsExactly(TokenOutcome.UNAVAILABLE);
    assertThat(lines.list)
        .singleElement()
        .extracting(ILoggingEvent::getFormattedMessage)
        .asString()
        .matches(
            "no token for all mailboxes .tenant contoso.: the identity platform ?"
                + cause
                + "; devices get a temporary error, and the daemon tries again");
  }

  @Test
  void allDevicesShareOneShortWaitForASlowPlatform() {
    platform.suffer(Trouble.slow(Duration.ofMinutes(1)));
    CachedTokens tokens = tokens(http(Duration.ofSeconds(3)));
    List<CompletionStage<TokenResult>> answers = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      answers.add(tokens.token(MAILBOX));
    }
    assertThat(answers)
        .extracting(CachedTokensTest::answer)
        .allSatisfy(
            answer ->
                assertThat(answer)
                    .isInstanceOfSatisfying(
                        TokenResult.Unavailable.class,
                        unavailable ->
                            assertThat(unavailable.why())
                                .contains("has not responded within")
                                .contains("tls-uplift probe localhost:")));
    assertThat(answer(tokens.token(MAILBOX))).isEqualTo(answer(answers.get(0)));
    assertThat(platform.tokenRequests()).hasSize(1);
    assertThat(lines.list).hasSize(1);
  }

  @Test
  void sendsTheSecretToATrustedPlatformOnly() {
    PlatformHttp http =
        http(
            OriginTrust.of(List.of(PlatformCertificate.selfSigned("localhost").certificate())),
            Duration.ofSeconds(10));
    assertThat(answer(tokens(http).token(MAILBOX)))
        .isInstanceOfSatisfying(
            TokenResult.Unavailable.class,
            unavailable -> assertThat(unavailable.why()).contains("certificate", "localhost"));
    assertThat(platform.requests()).isEmpty();
  }

  @Test
  void findsANewUserSignInWithoutARestart() throws Exception {
    CachedTokens tokens = tokensOfMailboxes();
    assertThat(answer(tokens.token(MAILBOX)))
        .isEqualTo(
            new TokenResult.Refused(
                "no user has signed in for it; run: tls-uplift accounts sign-in " + MAILBOX));
    List<BrowserSignIn.Invitation> shown = new ArrayList<>();
    String user =
        browser()
            .signIn(
                MAILBOX,
                invitation -> {
                  shown.add(invitation);
                  platform.approve(invitation.code(), OTHER);
                });
    assertThat(user).isEqualTo(OTHER);
    assertThat(shown)
        .singleElement()
        .satisfies(invitation -> assertThat(invitation.url()).startsWith("http"));
    AccessToken first = issued(tokens.token(MAILBOX));
    assertThat(issued(tokens.renew(MAILBOX, first)).value()).isNotEqualTo(first.value());
    assertThat(platform.tokenRequests("refresh_token")).isNotEmpty();
    platform.revokeRefreshTokens();
    platform.tokensLive(Duration.ofSeconds(1));
    assertThat(answer(tokens.token(OTHER))).isInstanceOf(TokenResult.Refused.class);
  }

  @Test
  void aRevokedSignInIsLoggedWithTheCommandAndReplacedByTheNext() throws Exception {
    CachedTokens tokens = tokensOfMailboxes();
    browser().signIn(MAILBOX, invitation -> platform.approve(invitation.code(), MAILBOX));
    AccessToken first = issued(tokens.token(MAILBOX));
    platform.revokeRefreshTokens();
    int asked = platform.tokenRequests("refresh_token").size();
    String why =
        "the identity platform returned invalid_grant, AADSTS50173: the password was changed or"
            + " sign-ins were revoked; a user must sign in again: tls-uplift accounts sign-in "
            + MAILBOX;
    for (int i = 0; i < 20; i++) {
      assertThat(answer(tokens.renew(MAILBOX, first))).isEqualTo(new TokenResult.Refused(why));
    }
    assertThat(platform.tokenRequests("refresh_token")).hasSize(asked + 1);
    assertThat(outcomes).endsWith(TokenOutcome.ISSUED, TokenOutcome.REFUSED);
    assertThat(lines.list)
        .singleElement()
        .extracting(ILoggingEvent::getFormattedMessage)
        .isEqualTo("no token for " + MAILBOX + " (tenant contoso): " + why);

    browser().signIn(MAILBOX, invitation -> platform.approve(invitation.code(), MAILBOX));
    assertThat(issued(tokens.renew(MAILBOX, first)).value()).isNotEqualTo(first.value());
    assertThat(lines.list)
        .hasSize(2)
        .last()
        .extracting(ILoggingEvent::getFormattedMessage)
        .isEqualTo("there is a token for " + MAILBOX + " (tenant contoso) again");
  }

  @Test
  void aDeclinedSignInFails() {
    assertThat(
            catchThrowable(
                () -> browser().signIn(MAILBOX, invitation -> platform.decline(invitation.code()))))
        .isInstanceOf(OperatorException.class)
        .hasMessage("the user declined the sign-in");
  }

  @ParameterizedTest
  @MethodSource
  void aSignInWaitsForAPlatformThatIsUnreachableForAWhile(Trouble trouble) throws Exception {
    platform.poll(Duration.ofSeconds(1));
    ExecutorService user = Executors.newSingleThreadExecutor();
    try {
      browser()
          .signIn(
              MAILBOX,
              invitation -> {
                platform.suffer(trouble);
                user.execute(() -> recoverAfterAPoll(invitation.code()));
              });
    } finally {
      user.shutdownNow();
    }
    assertThat(issued(tokensOfMailboxes().token(MAILBOX)).value()).isNotEmpty();
  }

  static Stream<Trouble> aSignInWaitsForAPlatformThatIsUnreachableForAWhile() {
    return Stream.of(
        Trouble.cutOff("{\"error\":"),
        Trouble.webPage(),
        Trouble.unavailable(),
        Trouble.throttled(Duration.ofSeconds(1)));
  }

  private void recoverAfterAPoll(String code) {
    int asked = platform.tokenRequests().size();
    await().until(() -> platform.tokenRequests().size() > asked);
    platform.recover();
    platform.approve(code, MAILBOX);
  }

  @Test
  void anExpiredCodeNamesTheFailureOfThePlatform() {
    platform.poll(Duration.ofSeconds(1));
    platform.codesLive(Duration.ofSeconds(2));
    assertThat(
            catchThrowable(
                () -> browser().signIn(MAILBOX, invitation -> platform.suffer(Trouble.webPage()))))
        .isInstanceOf(OperatorException.class)
        .hasMessageStartingWith(
            "run the command again: the code expired while the identity platform did not respond: ")
        .hasMessageContaining("status 502 without JSON");
  }

  private CachedTokens tokens() {
    return tokens(http());
  }

  private CachedTokens tokens(PlatformHttp http) {
    CachedTokens tokens =
        CachedTokens.ofApplication(
            authority(SCOPE),
            () -> Stream.concat(Stream.of(proof), previous.stream()).toList(),
            http,
            store(),
            outcomes::add);
    opened.add(tokens);
    return tokens;
  }

  private CachedTokens tokensOfMailboxes() {
    CachedTokens tokens = CachedTokens.ofMailboxes(mailboxes(), http(), store(), outcomes::add);
    opened.add(tokens);
    return tokens;
  }

  private BrowserSignIn browser() {
    return new BrowserSignIn(mailboxes(), http(), store());
  }

  private TokenAuthority mailboxes() {
    return authority(SCOPES);
  }

  private TokenAuthority authority(List<String> scopes) {
    return new TokenAuthority(
        "contoso",
        platform.authority(),
        app.id(),
        scopes,
        Duration.ofSeconds(60),
        "renew --config FILE");
  }

  private TokenStore store() {
    return new TokenStore(directory.resolve("sign-in"), "contoso", platform.authority() + app.id());
  }

  private PlatformHttp http() {
    return http(OriginTrust.of(List.of(platform.certificate())), Duration.ofSeconds(10));
  }

  private PlatformHttp http(Duration limit) {
    return http(OriginTrust.of(List.of(platform.certificate())), limit);
  }

  private PlatformHttp http(OriginTrust trust, Duration limit) {
    PlatformHttp http =
        new PlatformHttp(URI.create(platform.authority()), Upstreams.outgoing(trust), limit);
    opened.add(http);
    return http;
  }

  private Path tokenFile() throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("sign-in"))) {
      return files.filter(file -> file.toString().endsWith(".tokens")).findFirst().orElseThrow();
    }
  }

  private static String value(CachedTokens tokens) {
    return issued(tokens.token(MAILBOX)).value();
  }

  private static AccessToken issued(CompletionStage<TokenResult> answer) {
    TokenResult told = answer(answer);
    assertThat(told).isInstanceOf(TokenResult.Issued.class);
    return ((TokenResult.Issued) told).token();
  }

  private static TokenResult answer(CompletionStage<TokenResult> answer) {
    return answer.toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
  }
}
