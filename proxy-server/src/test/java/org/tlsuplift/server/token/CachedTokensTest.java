package org.tlsuplift.server.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.listener.Transport;
import org.tlsuplift.proxy.route.Exit;
import org.tlsuplift.proxy.session.TlsVersion;
import org.tlsuplift.proxy.signin.AccessToken;
import org.tlsuplift.proxy.signin.TokenAnswer;
import org.tlsuplift.proxy.tls.OriginTrust;
import org.tlsuplift.proxy.tls.TlsContexts;
import org.tlsuplift.proxy.upstream.UpstreamSpec;
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

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  private final IdentityPlatform platform = IdentityPlatform.start();
  private final AppRegistration app = platform.register();
  private final List<TokenOutcome> outcomes = new CopyOnWriteArrayList<>();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private volatile ApplicationProof proof = new ApplicationProof.Secret("");

  @BeforeEach
  void secret() {
    proof = new ApplicationProof.Secret(app.newSecret());
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
    platform.close();
  }

  @Test
  void oneRequestServesAllWhoAskForAllMailboxes() {
    CachedTokens tokens = tokens();
    List<CompletionStage<TokenAnswer>> answers = new ArrayList<>();
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
    proof = new ApplicationProof.Certificate(own.key(), List.of(own.certificate()));
    assertThat(value(tokens())).hasSizeGreaterThan(2000);
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
  void whatIsDamagedOrForeignIsSetAside() throws IOException {
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
  void aRefusedTokenIsRenewedOnceForAllAndNotAgainAtOnce() {
    CachedTokens tokens = tokens();
    AccessToken first = issued(tokens.token(MAILBOX));
    platform.revokeAccessTokens();
    List<CompletionStage<TokenAnswer>> answers = new ArrayList<>();
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
            TokenAnswer.Refused.class,
            refused -> assertThat(refused.why()).contains("so it is not the token"));
    assertThat(platform.tokenRequests()).hasSize(2);
  }

  @Test
  void isRenewedBeforeItExpires() {
    platform.tokensLive(Duration.ofSeconds(4));
    CachedTokens tokens = tokens();
    tokens.keep(List.of(MAILBOX));
    String first = value(tokens);
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () ->
                assertThat(answer(tokens.token(MAILBOX)))
                    .isInstanceOfSatisfying(
                        TokenAnswer.Issued.class,
                        issued -> assertThat(issued.token().value()).isNotEqualTo(first)));
    assertThat(outcomes).containsOnly(TokenOutcome.ISSUED);
  }

  @Test
  void aWrongSecretIsRefusedWithTheRemedyAndNotTriedByEachDevice() {
    proof = new ApplicationProof.Secret("not-the-s3cret");
    CachedTokens tokens = tokens();
    for (int i = 0; i < 100; i++) {
      assertThat(answer(tokens.token(MAILBOX)))
          .isEqualTo(
              new TokenAnswer.Refused(
                  "the identity platform answers 401 invalid_client, AADSTS7000215: the client"
                      + " secret is wrong; write its value, not its id, into clientSecretFile"));
    }
    assertThat(platform.tokenRequests()).hasSize(1);
    assertThat(tokens.missing()).isEqualTo(1);
  }

  @Test
  void aNewSecretIsTakenWithoutARestart() {
    proof = new ApplicationProof.Secret("not-the-s3cret");
    CachedTokens tokens = tokens();
    assertThat(answer(tokens.token(MAILBOX))).isInstanceOf(TokenAnswer.Refused.class);
    proof = new ApplicationProof.Secret(app.newSecret());
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () -> assertThat(answer(tokens.token(MAILBOX))).isInstanceOf(TokenAnswer.Issued.class));
  }

  @Test
  void whoIsAskedForPatienceHasIt() {
    platform.suffer(Trouble.throttled(Duration.ofSeconds(2)));
    CachedTokens tokens = tokens();
    assertThat(answer(tokens.token(MAILBOX)))
        .isInstanceOfSatisfying(
            TokenAnswer.Unavailable.class,
            unavailable -> assertThat(unavailable.why()).contains("the identity platform"));
    int asked = platform.tokenRequests().size();
    platform.recover();
    assertThat(answer(tokens.token(MAILBOX))).isInstanceOf(TokenAnswer.Unavailable.class);
    assertThat(platform.tokenRequests()).hasSize(asked);
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () -> assertThat(answer(tokens.token(MAILBOX))).isInstanceOf(TokenAnswer.Issued.class));
  }

  @Test
  void aPlatformThatIsAwayIsAskedAgainLater() {
    CachedTokens tokens = tokens();
    platform.stop();
    assertThat(answer(tokens.token(MAILBOX)))
        .isInstanceOfSatisfying(
            TokenAnswer.Unavailable.class,
            unavailable ->
                assertThat(unavailable.why())
                    .startsWith("the identity platform cannot be asked: localhost:"));
    platform.startAgain();
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () -> assertThat(answer(tokens.token(MAILBOX))).isInstanceOf(TokenAnswer.Issued.class));
  }

  @Test
  void aPageInPlaceOfAnAnswerIsNoToken() {
    platform.suffer(Trouble.webPage());
    assertThat(answer(tokens().token(MAILBOX))).isInstanceOf(TokenAnswer.Unavailable.class);
  }

  @Test
  void whoeverSignsInByCodeIsFoundWithoutARestart() throws Exception {
    PlatformHttp http = http();
    Tenancy tenancy = new Tenancy(platform.authority(), app.id(), SCOPES);
    CachedTokens tokens = CachedTokens.ofMailboxes(tenancy, http, store(), outcomes::add);
    opened.add(tokens);
    assertThat(answer(tokens.token(MAILBOX)))
        .isEqualTo(
            new TokenAnswer.Refused(
                "nobody has signed in for it yet; run: tls-uplift accounts sign-in"));
    List<BrowserSignIn.Invitation> shown = new ArrayList<>();
    String user =
        new BrowserSignIn(tenancy, http, store())
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
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () -> assertThat(answer(tokens.token(MAILBOX))).isInstanceOf(TokenAnswer.Issued.class));
    AccessToken first = issued(tokens.token(MAILBOX));
    assertThat(issued(tokens.renew(MAILBOX, first)).value()).isNotEqualTo(first.value());
    assertThat(platform.tokenRequests("refresh_token")).isNotEmpty();
    platform.revokeRefreshTokens();
    platform.tokensLive(Duration.ofSeconds(1));
    assertThat(answer(tokens.token(OTHER))).isInstanceOf(TokenAnswer.Refused.class);
  }

  @Test
  void whoDeclinesIsNotSignedIn() {
    Tenancy tenancy = new Tenancy(platform.authority(), app.id(), SCOPES);
    assertThat(
            catchThrowable(
                () ->
                    new BrowserSignIn(tenancy, http(), store())
                        .signIn(MAILBOX, invitation -> platform.decline(invitation.code()))))
        .isInstanceOf(BrowserSignInException.class)
        .hasMessage("whoever typed in the code has declined");
  }

  private CachedTokens tokens() {
    CachedTokens tokens =
        CachedTokens.ofApplication(
            new Tenancy(platform.authority(), app.id(), SCOPE),
            () -> proof,
            http(),
            store(),
            outcomes::add);
    opened.add(tokens);
    return tokens;
  }

  private TokenStore store() {
    return new TokenStore(directory.resolve("sign-in"), platform.authority() + app.id());
  }

  private PlatformHttp http() {
    Duration timeout = Duration.ofSeconds(5);
    PlatformHttp http =
        new PlatformHttp(
            URI.create(platform.authority()),
            Transport.NIO,
            new UpstreamSpec(timeout, timeout, timeout),
            new TlsContexts(OriginTrust.of(List.of(platform.certificate())), TlsVersion.TLS_1_3),
            origin -> Exit.STRAIGHT);
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

  private static AccessToken issued(CompletionStage<TokenAnswer> answer) {
    TokenAnswer told = answer(answer);
    assertThat(told).isInstanceOf(TokenAnswer.Issued.class);
    return ((TokenAnswer.Issued) told).token();
  }

  private static TokenAnswer answer(CompletionStage<TokenAnswer> answer) {
    return answer.toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
  }
}
