package org.tlsuplift.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.proxy.tls.OriginTrust;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.database.DatabasePlace;
import org.tlsuplift.server.seal.SealKey;
import org.tlsuplift.server.signin.token.BrowserSignIn;
import org.tlsuplift.server.signin.token.CachedTokens;
import org.tlsuplift.server.signin.token.PlatformHttp;
import org.tlsuplift.server.signin.token.TokenAuthority;
import org.tlsuplift.server.signin.token.TokenOutcome;
import org.tlsuplift.server.signin.token.TokenStore;
import org.tlsuplift.server.signin.token.UserTokens;
import org.tlsuplift.server.testing.Postgres;
import org.tlsuplift.server.testing.Upstreams;
import org.tlsuplift.server.testing.platform.AppRegistration;
import org.tlsuplift.server.testing.platform.IdentityPlatform;
import org.tlsuplift.server.testing.platform.PlatformCertificate;

/**
 * Instances that need new tokens all the time, at a platform where a refresh token is good once.
 */
@OneJdk
class SharedRefreshTest {
  private static final int INSTANCES = 4;
  private static final List<String> MAILBOXES =
      IntStream.range(0, 3).mapToObj(i -> "device" + i + "@" + IdentityPlatform.DOMAIN).toList();

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path folder;

  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final List<TokenOutcome> outcomes = new CopyOnWriteArrayList<>();
  private IdentityPlatform platform;
  private AppRegistration app;
  private DatabasePlace.PostgreSql place;
  private SealKey key;

  @BeforeEach
  void start() throws Exception {
    key = SealKey.read(Files.write(folder.resolve("tokens.key"), new byte[32]));
    Postgres postgres = Postgres.shared();
    place = postgres.place(postgres.newSchema());
    PlatformCertificate certificate = PlatformCertificate.selfSigned("localhost", "127.0.0.1");
    platform = open(IdentityPlatform.start(certificate.key(), certificate.certificate()));
    app = platform.register();
  }

  @AutoClose private final Schedule schedule = new Schedule();

  @AfterEach
  void end() throws Exception {
    while (!opened.isEmpty()) {
      opened.pop().close();
    }
  }

  @Test
  void noInstanceUsesARefreshTokenThatAnotherHasUsed() throws Exception {
    platform.refreshOnce();
    platform.tokensLive(Duration.ofSeconds(2));
    for (String mailbox : MAILBOXES) {
      new BrowserSignIn(authority(), http(), tokens(0))
          .signIn(mailbox, invitation -> platform.approve(invitation.code(), mailbox));
    }
    List<CachedTokens> instances =
        IntStream.range(0, INSTANCES)
            .mapToObj(
                i -> open(CachedTokens.ofMailboxes(authority(), http(), tokens(i), outcomes::add)))
            .toList();
    instances.forEach(each -> each.keep(MAILBOXES, schedule));

    await().until(() -> platform.tokenRequests("refresh_token").size() >= 40);
    assertThat(outcomes).isNotEmpty().doesNotContain(TokenOutcome.REFUSED);
  }

  private <T extends AutoCloseable> T open(T each) {
    opened.push(each);
    return each;
  }

  private UserTokens tokens(int instance) {
    TokenDatabase database = open(TokenDatabase.open(place, key, schedule));
    TokenStore store = new TokenStore(folder.resolve("data" + instance), "corp", "owner");
    return database.tokens("owner", store);
  }

  private TokenAuthority authority() {
    return new TokenAuthority(
        "corp",
        platform.authority(),
        app.id(),
        List.of("https://outlook.office.com/SMTP.Send"),
        Duration.ofSeconds(60),
        "");
  }

  private PlatformHttp http() {
    return open(
        new PlatformHttp(
            URI.create(platform.authority()),
            Upstreams.outgoing(OriginTrust.of(List.of(platform.certificate())))));
  }
}
