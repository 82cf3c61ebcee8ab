package org.tlsuplift.server.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.signin.AccessToken;
import org.tlsuplift.proxy.signin.TokenResult;
import org.tlsuplift.proxy.testing.SettableClock;
import org.tlsuplift.proxy.tls.OriginIdentity;
import org.tlsuplift.server.command.CommandRun;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.SignInTenant;
import org.tlsuplift.server.config.binding.ConfigProblem;
import org.tlsuplift.server.daemon.watch.IdentityWatch;
import org.tlsuplift.server.feature.Condition;
import org.tlsuplift.server.init.ApplicationCertificate;
import org.tlsuplift.server.mapping.ConfigMapper;
import org.tlsuplift.server.process.OwnerOnlyFile;
import org.tlsuplift.server.process.PemFile;
import org.tlsuplift.server.signin.token.CachedTokens;
import org.tlsuplift.server.signin.token.PlatformHttp;
import org.tlsuplift.server.testing.platform.AppRegistration;
import org.tlsuplift.server.testing.platform.ApplicationKeyStore;
import org.tlsuplift.server.testing.platform.ApplicationKeyStore.Fault;
import org.tlsuplift.server.testing.platform.IdentityPlatform;
import org.tlsuplift.server.testing.platform.PlatformCertificate;
import org.tlsuplift.server.testing.platform.Trouble;

/** The renewal against stand-ins of the identity platform and of Microsoft Graph. */
class CertificateRenewalTest {
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration REPLICATION = Duration.ofMinutes(20);

  private static final PlatformCertificate SERVER =
      PlatformCertificate.selfSigned("localhost", "127.0.0.1");
  private static final X509Certificate FOREIGN =
      PlatformCertificate.selfSigned("other").certificate();

  private static final String NEW_CERTIFICATE =
      "run 'tls-uplift tenant setup --new-certificate --config FILE', and let an administrator of the tenant run its script";

  /** One pair for all tests, because a key needs time. */
  private static ApplicationCertificate prepared;

  private final IdentityPlatform platform =
      IdentityPlatform.start(SERVER.key(), SERVER.certificate());
  private final SettableClock clock =
      new SettableClock(Instant.now().truncatedTo(ChronoUnit.SECONDS));
  private final AppRegistration application = platform.register();
  private final ApplicationKeyStore graph =
      ApplicationKeyStore.start(application, platform, SERVER, clock);
  private ApplicationCertificate files;
  private X509Certificate first;
  private String text;
  private LoadedConfig loaded;
  private CertificateRenewal renewal;

  @TempDir Path directory;

  @BeforeAll
  static void prepare(@TempDir Path once) throws Exception {
    prepared = ApplicationCertificate.of(once.resolve("data"), "prepared");
    var unused = prepared.prepare(Clock.systemUTC());
  }

  @BeforeEach
  void connect() throws Exception {
    files = ApplicationCertificate.of(directory.resolve("data"), platform.tenant());
    Files.createDirectories(
        files.key().getParent(),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    OwnerOnlyFile.replace(files.key(), Files.readAllBytes(prepared.key()));
    OwnerOnlyFile.replace(files.certificate(), Files.readAllBytes(prepared.certificate()));
    first = inUse();
    graph.upload(first);
    graph.upload(FOREIGN);
    load("applicationObjectId: " + graph.objectId());
  }

  @AfterEach
  void stop() {
    graph.close();
    platform.close();
  }

  private void load(String more) throws Exception {
    load(
        "certificate: {certificate: %s, key: %s}".formatted(files.certificate(), files.key()),
        more);
  }

  private void load(String credential, String more) throws Exception {
    text =
        """
            dataDirectory: %s
            upstream: {trust: %s}
            listeners:
              - {name: mail, bind: "127.0.0.1:0", accept: fixed, origin: "smtp.office365.com:587", protocol: smtp, profile: legacy, signIn: true}
            signIn:
              tenant: %s
              applicationId: %s
              %s
              authority: %s
              graph: %s
              %s
              accounts: [{devices: [192.0.2.0/28], mailbox: scanner@corp.example}]
            """
            .formatted(
                directory.resolve("data"),
                SERVER.file(),
                platform.tenant(),
                application.id(),
                credential,
                platform.url(),
                graph.url(),
                more);
    loaded = ConfigLoader.parse(text, "test");
    restart();
  }

  /** The next look is a check. */
  private void restart() {
    renewal = new CertificateRenewal(() -> loaded, clock);
    renewal.look();
    clock.advance(Duration.ofHours(3));
  }

  private void later(Duration time) {
    clock.advance(time);
    renewal.look();
  }

  private void untilDue() {
    clock.advance(Duration.ofDays(245));
  }

  private X509Certificate inUse() throws Exception {
    return files.read().certificate();
  }

  private void assertRenewedOnce() throws Exception {
    assertThat(inUse()).isNotEqualTo(first);
    assertThat(files.previous().read().certificate()).isEqualTo(first);
    assertThat(files.staged().exists()).isFalse();
    assertThat(files.staged().certificate()).doesNotExist();
    assertThat(graph.certificates()).containsExactly(first, FOREIGN, inUse());
    assertThat(PemFile.read(files.certificate()).certificates()).hasSize(1);
    assertThat(renewal.conditions()).isEmpty();
  }

  @Test
  void renewsBeforeTheEndYearAfterYearAndRemovesOnlyItsOwn() throws Exception {
    graph.allowLook();
    for (int year = 1; year <= 3; year++) {
      X509Certificate before = inUse();
      Instant end = before.getNotAfter().toInstant();
      clock.set(end.minus(DAY.multipliedBy(123)));
      renewal.look();
      assertThat(files.staged().exists()).as("more than a third of its life is left").isFalse();
      later(DAY.multipliedBy(2));
      later(REPLICATION);
      assertThat(inUse()).isNotEqualTo(before);
      assertThat(graph.certificates()).containsExactlyInAnyOrder(FOREIGN, before, inUse());
      clock.set(end.minus(DAY.multipliedBy(4)));
      renewal.look();
      assertThat(files.previous().exists()).isTrue();
      later(DAY.multipliedBy(2));
      assertThat(files.previous().exists()).isFalse();
      clock.set(end.plus(DAY));
      graph.expire();
      renewal.look();
      assertThat(graph.certificates()).containsExactly(FOREIGN, inUse());
      assertThat(renewal.conditions()).isEmpty();
    }
    assertThat(graph.requests().stream().filter("addKey"::equals)).hasSize(3);
    assertThat(graph.requests().stream().filter("removeKey"::equals)).hasSize(3);
  }

  @Test
  void keepsTheOldPairAsSecondTryUntilShortlyBeforeItsEnd() throws Exception {
    untilDue();
    renewal.look();
    assertThat(graph.certificates()).hasSize(3);
    assertThat(inUse()).as("no token came with the new one yet").isEqualTo(first);
    later(REPLICATION);
    assertRenewedOnce();
    for (Path each : new Path[] {files.key(), files.certificate(), files.previous().key()}) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(each)))
          .isEqualTo("rw-------");
    }

    clock.set(first.getNotAfter().toInstant().minus(Duration.ofDays(4)));
    renewal.look();
    assertRenewedOnce();
    later(DAY.multipliedBy(2));
    assertThat(graph.certificates())
        .as("its ID is not known without a permission, so it stays in the list")
        .contains(first);
    graph.allowLook();
    later(DAY);
    assertThat(graph.certificates()).containsExactly(FOREIGN, inUse());
    assertThat(files.previous().key()).doesNotExist();
    assertThat(files.previous().certificate()).doesNotExist();
  }

  @Test
  void erasesThePreviousPairAtItsEndIfItCannotBeRemoved() throws Exception {
    untilDue();
    renewal.look();
    later(REPLICATION);
    graph.suffer(Fault.BUSY);
    clock.set(first.getNotAfter().toInstant().minus(DAY));
    renewal.look();
    assertThat(files.previous().exists()).isTrue();
    later(DAY.multipliedBy(2));
    assertThat(files.previous().exists()).isFalse();
    assertThat(graph.certificates()).containsExactly(first, FOREIGN, inUse());
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void addsOneCertificateAfterAnyFault(Fault fault) throws Exception {
    untilDue();
    graph.suffer(fault);
    renewal.look();
    assertThat(inUse()).isEqualTo(first);
    X509Certificate next = files.staged().read().certificate();
    graph.suffer(null);
    restart();
    later(DAY);
    later(REPLICATION);
    assertRenewedOnce();
    assertThat(inUse()).isEqualTo(next);
  }

  @Test
  void waitsForReplicationAndAddsOneADayForFiveDaysThenOneAWeek() throws Exception {
    graph.replicate(false);
    untilDue();
    for (int i = 0; i < 20; i++) {
      later(Duration.ofHours(13));
    }
    assertThat(graph.certificates()).hasSize(2 + 5);
    assertThat(graph.certificates().stream().distinct()).hasSize(3);
    assertThat(inUse()).isEqualTo(first);
    clock.set(first.getNotAfter().toInstant().minus(Duration.ofDays(59)));
    renewal.look();
    assertThat(graph.certificates()).as("a week later").hasSize(2 + 6);
    later(REPLICATION);
    assertThat(renewal.conditions()).singleElement().satisfies(CertificateRenewalTest::isReadable);
    graph.replicate(true);
    later(DAY);
    assertThat(inUse()).isNotEqualTo(first);
    assertThat(renewal.conditions()).isEmpty();
  }

  private static void isReadable(Condition condition) {
    assertThat(condition.kind()).isEqualTo("not_renewed");
    assertThat(condition.summary()).hasSizeLessThanOrEqualTo(300).doesNotContain("\n");
    assertThat(condition.remedy()).contains("tls-uplift tenant setup --new-certificate");
  }

  /** How far {@link ApplicationCertificate#activate} came before the program was killed. */
  enum Killed {
    IN_STAGING,
    AFTER_PREVIOUS,
    BOTH_CERTIFICATES,
    KEY_MOVED
  }

  @ParameterizedTest
  @EnumSource(Killed.class)
  void continuesAfterTheProgramWasKilled(Killed at) throws Exception {
    untilDue();
    renewal.look();
    byte[] oldKey = Files.readAllBytes(files.key());
    byte[] old = Files.readAllBytes(files.certificate());
    byte[] newKey = Files.readAllBytes(files.staged().key());
    byte[] next = Files.readAllBytes(files.staged().certificate());
    later(REPLICATION);
    assertRenewedOnce();
    // As the files were at that moment.
    OwnerOnlyFile.replace(files.staged().certificate(), next);
    if (at != Killed.KEY_MOVED) {
      OwnerOnlyFile.replace(files.staged().key(), newKey);
      OwnerOnlyFile.replace(files.key(), oldKey);
      OwnerOnlyFile.replace(files.certificate(), old);
    }
    switch (at) {
      case IN_STAGING -> {
        files.previous().erase();
        OwnerOnlyFile.replace(files.staged().key(), oldKey);
      }
      case AFTER_PREVIOUS -> {}
      case BOTH_CERTIFICATES, KEY_MOVED ->
          OwnerOnlyFile.replace(
              files.certificate(),
              (new String(next, StandardCharsets.US_ASCII)
                      + new String(old, StandardCharsets.US_ASCII))
                  .getBytes(StandardCharsets.US_ASCII));
    }
    assertThat(inUse()).as("devices sign in at every moment").isIn(graph.certificates());
    restart();
    renewal.look();
    later(REPLICATION);
    if (at == Killed.IN_STAGING) {
      assertThat(inUse()).isIn(graph.certificates()).isNotEqualTo(first);
    } else {
      assertRenewedOnce();
    }
  }

  @Test
  void usesAPairThatAnOperatorStagedAndAnAdministratorAdded() throws Exception {
    X509Certificate staged = files.stage(clock).certificate();
    later(DAY);
    assertThat(graph.requests()).as("it is not due").isEmpty();
    graph.upload(staged);
    later(DAY);
    assertThat(inUse()).isEqualTo(staged);
    assertThat(graph.requests()).isEmpty();
  }

  @Test
  void readsTheObjectIdOnceIfItMayAndNamesTheLineOtherwise() throws Exception {
    load("");
    untilDue();
    renewal.look();
    assertThat(graph.certificates()).hasSize(2);
    clock.set(first.getNotAfter().toInstant().minus(Duration.ofDays(50)));
    renewal.look();
    assertThat(renewal.conditions())
        .singleElement()
        .satisfies(
            CertificateRenewalTest::isReadable,
            each -> assertThat(each.summary()).contains("add 'applicationObjectId: ID'"));
    graph.allowLook();
    later(DAY);
    later(REPLICATION);
    assertRenewedOnce();
    assertThat(graph.requests()).endsWith("addKey");
  }

  @Test
  void leavesOtherCredentialsAlone() throws Exception {
    Path own = Files.copy(files.certificate(), directory.resolve("operator.crt"));
    Path key = Files.copy(files.key(), directory.resolve("operator.key"));
    untilDue();
    for (String credential :
        List.of(
            "certificate: {certificate: %s, key: %s}".formatted(own, key),
            "clientSecretFile: " + key,
            "flow: device-code")) {
      load(credential, "");
      renewal.look();
      assertThat(renewal.conditions()).isEmpty();
      assertThat(graph.requests()).isEmpty();
      assertThat(files.staged().key()).doesNotExist();
    }
  }

  @Test
  void usesAStagedPairAlsoWhenTheOneInUseHasExpired() throws Exception {
    clock.set(first.getNotAfter().toInstant().minus(DAY));
    X509Certificate staged = files.stage(clock).certificate();
    clock.advance(DAY.multipliedBy(2));
    graph.expire();
    renewal.look();
    assertThat(inUse()).isEqualTo(first);
    graph.upload(staged);
    later(DAY);
    assertThat(inUse()).isEqualTo(staged);
    later(DAY);
    assertThat(files.previous().key()).doesNotExist();
  }

  @Test
  void doesNotTryWithAnExpiredCertificate() throws Exception {
    clock.set(first.getNotAfter().toInstant().plus(DAY));
    renewal.look();
    assertThat(graph.requests()).isEmpty();
    assertThat(files.staged().key()).doesNotExist();
  }

  @Test
  void anUnreachablePlatformChangesNothingAndIsNotified() throws Exception {
    platform.suffer(Trouble.unavailable());
    clock.set(first.getNotAfter().toInstant().minus(Duration.ofDays(59)));
    renewal.look();
    assertThat(graph.requests()).isEmpty();
    assertThat(inUse()).isEqualTo(first);
    assertThat(renewal.conditions()).singleElement().satisfies(CertificateRenewalTest::isReadable);
    platform.recover();
    later(DAY);
    later(REPLICATION);
    assertRenewedOnce();
  }

  @Test
  void tokensComeWithTheOldPairWhereTheNewOneIsNotKnown() throws Exception {
    untilDue();
    renewal.look();
    later(REPLICATION);
    assertRenewedOnce();
    assertThat(token()).isInstanceOf(TokenResult.Issued.class);
    int asked = platform.tokenRequests().size();
    application.remove(inUse());
    assertThat(token()).isInstanceOf(TokenResult.Issued.class);
    assertThat(platform.tokenRequests()).hasSize(asked + 2);
    platform.suffer(Trouble.unavailable());
    assertThat(token()).isInstanceOf(TokenResult.Unavailable.class);
    platform.recover();
    application.remove(first);
    assertThat(token()).isInstanceOf(TokenResult.Refused.class);
    files.previous().erase();
    Files.writeString(files.previous().key(), "damaged");
    Files.writeString(files.previous().certificate(), "damaged");
    application.add(inUse());
    assertThat(token()).isInstanceOf(TokenResult.Issued.class);
  }

  /** What the daemon does when a device needs a token, without those it has kept. */
  private TokenResult token() throws Exception {
    Path kept = directory.resolve("data/sign-in");
    try (Stream<Path> all = Files.list(kept)) {
      for (Path each : all.filter(file -> !file.toString().contains("application")).toList()) {
        Files.delete(each);
      }
    }
    TokenSource source = new TokenSource(loaded, loaded.config().signIn().tenants().get(0), null);
    try (PlatformHttp http = source.platform(ConfigMapper.map(loaded));
        CachedTokens tokens = source.tokens(http, outcome -> {})) {
      return tokens.token("scanner@corp.example").toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "damaged"})
  void thePreviousPairServesAndReplacesADamagedOne(String damaged) throws Exception {
    untilDue();
    renewal.look();
    later(REPLICATION);
    X509Certificate lost = inUse();
    if (damaged.isEmpty()) {
      Files.delete(files.key());
    } else {
      Files.writeString(files.key(), damaged);
    }
    assertThat(warnings())
        .singleElement(InstanceOfAssertFactories.STRING)
        .startsWith("the certificate before it signs in until ")
        .contains("application.key.pem", "or " + NEW_CERTIFICATE);
    String config = Files.writeString(directory.resolve("tls-uplift.yaml"), text).toString();
    for (CommandRun each :
        List.of(
            CommandRun.of("doctor", "--listener", "none", "--config", config),
            CommandRun.of("tenant", "check", "none", "--config", config))) {
      assertThat(each.out()).startsWith("warning: signIn.certificate: the certificate before it");
    }
    IdentityWatch watch = IdentityWatch.open(loaded);
    assertThat(watch.applications().get(0).current().certificate()).isEqualTo(first);
    assertThat(token()).isInstanceOf(TokenResult.Issued.class);

    later(DAY);
    assertThat(renewal.conditions())
        .singleElement()
        .satisfies(
            CertificateRenewalTest::isReadable,
            each -> assertThat(each.summary()).contains("application.key.pem"));
    later(DAY);
    assertThat(inUse()).isNotIn(first, lost);
    assertThat(files.previous().read().certificate()).isEqualTo(first);
    assertThat(renewal.conditions()).isEmpty();
    assertThat(token()).isInstanceOf(TokenResult.Issued.class);
    assertThat(warnings()).isEmpty();
  }

  private List<String> warnings() throws Exception {
    return ConfigLoader.parse(text, "test").warnings().stream()
        .filter(each -> each.path().equals("signIn.certificate"))
        .map(ConfigProblem::message)
        .toList();
  }

  @Test
  void aStartNamesTheDamagedFileAndARunningDaemonKeepsThePairItHas() throws Exception {
    TokenSource source = new TokenSource(loaded, loaded.config().signIn().tenants().get(0), null);
    try (PlatformHttp http = source.platform(ConfigMapper.map(loaded));
        CachedTokens tokens = source.tokens(http, outcome -> {})) {
      AccessToken kept = issued(tokens.token("scanner@corp.example"));
      Files.writeString(files.key(), "damaged");
      assertThat(issued(tokens.renew("scanner@corp.example", kept))).isNotEqualTo(kept);
    }
    Files.writeString(files.previous().key(), "damaged");
    Files.writeString(files.previous().certificate(), "damaged");
    assertThatThrownBy(() -> ConfigLoader.parse(text, "test"))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("signIn.certificate: " + files.key() + " has no ")
        .hasMessageEndingWith(NEW_CERTIFICATE);
    assertThat(token()).isInstanceOf(TokenResult.Refused.class);
  }

  @Test
  void aStartWithoutTheFilesNamesTheCommandThatMakesThem() throws Exception {
    Files.delete(files.certificate());
    assertThatThrownBy(() -> ConfigLoader.parse(text, "test"))
        .hasMessageContainingAll(
            "signIn.certificate.certificate: got ", "no such file", NEW_CERTIFICATE);
    Files.delete(files.key());
    assertThatThrownBy(() -> ConfigLoader.parse(text, "test"))
        .hasMessageContaining("1 problem")
        .hasMessageEndingWith(NEW_CERTIFICATE);
  }

  @Test
  void setUpKeepsThePreviousPairWhileTheOneInUseIsDamaged() throws Exception {
    OwnerOnlyFile.move(files.key(), files.previous().key());
    OwnerOnlyFile.move(files.certificate(), files.previous().certificate());
    Files.writeString(files.key(), "damaged");
    Files.writeString(files.certificate(), "damaged");
    X509Certificate staged = files.stage(clock).certificate();
    files.activate(staged);
    assertThat(inUse()).isEqualTo(staged);
    assertThat(files.previous().read().certificate()).isEqualTo(first);
    Files.writeString(files.key(), "damaged");
    assertThat(files.prepare(clock)).isNotIn(first, staged);
    assertThat(files.previous().read().certificate()).isEqualTo(first);
  }

  @Test
  void aWrongClockReplacesNoStagedPair() throws Exception {
    clock.set(first.getNotAfter().toInstant().minus(Duration.ofDays(100)));
    graph.replicate(false);
    renewal.look();
    X509Certificate staged = files.staged().read().certificate();
    clock.set(first.getNotAfter().toInstant().plus(Duration.ofDays(500)));
    renewal.look();
    later(DAY);
    assertThat(files.staged().read().certificate()).isEqualTo(staged);
    clock.set(Instant.parse("2001-01-01T00:00:00Z"));
    renewal.look();
    later(DAY);
    assertThat(files.staged().read().certificate()).isEqualTo(staged);
    platform.suffer(Trouble.unavailable());
    clock.set(first.getNotAfter().toInstant().minus(Duration.ofDays(110)));
    renewal.look();
    assertThat(files.staged().read().certificate()).isEqualTo(staged);
    platform.recover();
    graph.replicate(true);
    clock.set(first.getNotAfter().toInstant().minus(Duration.ofDays(90)));
    renewal.look();
    assertThat(inUse()).isEqualTo(staged);
  }

  @Test
  void requestsNoTokenWithThePlaceholderForTheApplicationId() throws Exception {
    loaded = ConfigLoader.parse(text.replace(application.id(), SignInTenant.PENDING), "test");
    assertThat(token())
        .isInstanceOfSatisfying(
            TokenResult.Refused.class,
            refused ->
                assertThat(refused.why())
                    .startsWith("run: tls-uplift tenant setup --write --tenant ")
                    .endsWith("is still the placeholder, so no device can sign in"));
  }

  @Test
  void theRunningDaemonGetsTokensWithTheNewKey() throws Exception {
    TokenSource source = new TokenSource(loaded, loaded.config().signIn().tenants().get(0), null);
    try (PlatformHttp http = source.platform(ConfigMapper.map(loaded));
        CachedTokens tokens = source.tokens(http, outcome -> {})) {
      AccessToken kept = issued(tokens.token("scanner@corp.example"));
      untilDue();
      renewal.look();
      later(REPLICATION);
      assertRenewedOnce();
      application.remove(first);
      int asked = platform.tokenRequests().size();
      assertThat(issued(tokens.token("scanner@corp.example"))).isEqualTo(kept);
      assertThat(issued(tokens.renew("scanner@corp.example", kept))).isNotEqualTo(kept);
      assertThat(platform.tokenRequests()).as("without a second try").hasSize(asked + 1);
    }
  }

  private static AccessToken issued(CompletionStage<TokenResult> answer) throws Exception {
    return ((TokenResult.Issued) answer.toCompletableFuture().get(20, TimeUnit.SECONDS)).token();
  }

  @Test
  void aNetworkWithoutGraphChangesNothingAndIsNotified() throws Exception {
    graph.close();
    untilDue();
    renewal.look();
    assertThat(inUse()).isEqualTo(first);
    assertThat(renewal.conditions()).singleElement().satisfies(CertificateRenewalTest::isReadable);
    int asked = platform.tokenRequests().size();
    later(Duration.ofHours(20));
    assertThat(platform.tokenRequests()).as("the next attempt is a day later").hasSize(asked);
  }

  @Test
  void theNextCertificateLivesNoLongerThanTheOldOne() throws Exception {
    OwnerOnlyFile.replace(files.key(), SERVER.keyPem().getBytes(StandardCharsets.US_ASCII));
    OwnerOnlyFile.replace(
        files.certificate(), SERVER.certificatePem().getBytes(StandardCharsets.US_ASCII));
    assertThat(ApplicationCertificate.life(files.stage(clock).certificate()))
        .as("a policy of the tenant may allow no more")
        .isEqualTo(ApplicationCertificate.life(SERVER.certificate()))
        .isLessThan(Duration.ofDays(11));
  }

  @Test
  void leavesAPairOfSeveralApplicationsAlone() throws Exception {
    load("");
    String tenant =
        "{name: %s, tenant: %s, applicationId: %s, certificate: {certificate: %s, key: %s}}";
    String one = application.id();
    String other = platform.register().id();
    loaded =
        ConfigLoader.parse(
            """
            dataDirectory: %s
            listeners:
              - {name: mail, bind: "127.0.0.1:0", accept: fixed, origin: "smtp.office365.com:587", protocol: smtp, profile: legacy, signIn: true}
            signIn:
              tenants:
                - %s
                - %s
              accounts: [{devices: [192.0.2.0/28], mailbox: scanner@corp.example, tenant: a}]
            """
                .formatted(
                    directory.resolve("data"),
                    tenant.formatted("a", platform.tenant(), one, files.certificate(), files.key()),
                    tenant.formatted(
                        "b", platform.tenant(), other, files.certificate(), files.key())),
            "test");
    restart();
    untilDue();
    renewal.look();
    assertThat(files.staged().key()).doesNotExist();
    assertThat(renewal.conditions()).isEmpty();
  }

  @Test
  void leavesLinksToFilesOfTheOperatorAlone() throws Exception {
    Path target = directory.resolve("operator.key");
    Files.move(files.key(), target);
    Files.createSymbolicLink(files.key(), target);
    untilDue();
    renewal.look();
    assertThat(graph.requests()).isEmpty();
    assertThat(files.staged().exists()).isFalse();
    assertThat(files.key()).isSymbolicLink();
  }

  @Test
  void anotherPairThanTheProvenOneStaysStaged() throws Exception {
    X509Certificate proven = files.stage(clock).certificate();
    files.staged().erase();
    X509Certificate unknown = files.stage(clock).certificate();
    files.activate(proven);
    assertThat(inUse()).isEqualTo(first);
    assertThat(files.staged().read().certificate()).isEqualTo(unknown);
    assertThat(files.previous().exists()).isFalse();
  }

  @Test
  void eachInstanceRenewsItsOwnCertificate() throws Exception {
    graph.allowLook();
    CertificateRenewal here = renewal;
    ApplicationCertificate own = files;
    files = ApplicationCertificate.of(directory.resolve("other"), platform.tenant());
    X509Certificate second = files.prepare(clock);
    graph.upload(second);
    loaded = ConfigLoader.parse(text.replace("/data", "/other"), "test");
    restart();
    untilDue();
    renewal.look();
    later(REPLICATION);
    X509Certificate renewed = inUse();
    assertThat(renewed).isNotEqualTo(second);
    assertThat(own.read().certificate()).isEqualTo(first);
    assertThat(own.staged().exists()).isFalse();
    clock.set(second.getNotAfter().toInstant().minus(DAY));
    renewal.look();
    assertThat(graph.certificates()).containsExactly(first, FOREIGN, renewed);
    assertThat(here.conditions()).isEmpty();
  }

  @Test
  void namesTheFileThatCannotBeWritten() throws Exception {
    Files.createDirectories(files.staged().key().resolve("in the way"));
    untilDue();
    renewal.look();
    assertThat(renewal.conditions())
        .singleElement()
        .satisfies(
            CertificateRenewalTest::isReadable,
            each -> assertThat(each.summary()).contains(".application.key.pem"));
    assertThat(graph.requests()).isEmpty();
    assertThat(inUse()).isEqualTo(first);
  }

  @Test
  void theFilesStayAPairWhenSeveralChangeThemAtOnce() throws Exception {
    X509Certificate next = files.stage(clock).certificate();
    ExecutorService several = Executors.newFixedThreadPool(4);
    try {
      List<Callable<@Nullable Void>> changes =
          Collections.nCopies(
              8,
              () -> {
                files.activate(next);
                return null;
              });
      for (Future<@Nullable Void> each : several.invokeAll(changes)) {
        each.get();
      }
      assertThat(inUse()).isEqualTo(next);
      assertThat(files.previous().read().certificate()).isEqualTo(first);
      Set<X509Certificate> staged = new HashSet<>();
      List<Callable<OriginIdentity>> stages = Collections.nCopies(4, () -> files.stage(clock));
      for (Future<OriginIdentity> each : several.invokeAll(stages)) {
        staged.add(each.get().certificate());
      }
      assertThat(staged).hasSize(1).doesNotContain(next, first);
    } finally {
      several.shutdownNow();
    }
  }

  @Test
  void triesEachWeekAfterFiveLostResponsesAndRenewsWhenGraphResponds() throws Exception {
    untilDue();
    graph.suffer(Fault.BUSY);
    for (int day = 0; day < 8; day++) {
      later(DAY);
    }
    assertThat(renewal.conditions())
        .singleElement()
        .satisfies(
            CertificateRenewalTest::isReadable,
            each -> assertThat(each.summary()).contains("may have been added"));
    assertThat(graph.requests().stream().filter("addKey"::equals)).hasSize(5);
    graph.suffer(null);
    later(DAY.multipliedBy(7));
    later(REPLICATION);
    assertRenewedOnce();
  }

  @Test
  void aDamagedNoteDoesNotPostponeTheRenewal() throws Exception {
    untilDue();
    graph.suffer(Fault.LOST_REQUEST);
    renewal.look();
    Path staged = files.staged().certificate();
    String written = Files.readString(staged);
    OwnerOnlyFile.replace(
        staged,
        written.stripTrailing().replaceFirst("..$", "").getBytes(StandardCharsets.US_ASCII));
    graph.suffer(null);
    later(DAY);
    later(REPLICATION);
    assertRenewedOnce();
  }

  @Test
  void aClockThatWasFarAheadDoesNotPostponeTheRenewal() throws Exception {
    clock.set(first.getNotAfter().toInstant().plus(DAY));
    renewal.look();
    clock.set(first.getNotAfter().toInstant().minus(Duration.ofDays(115)));
    graph.suffer(Fault.LOST_REQUEST);
    renewal.look();
    clock.set(first.getNotAfter().toInstant().minus(Duration.ofDays(20)));
    renewal.look();
    clock.set(first.getNotAfter().toInstant().minus(Duration.ofDays(110)));
    graph.suffer(null);
    renewal.look();
    later(REPLICATION);
    assertRenewedOnce();
  }

  @Test
  void notifiesThatTheTenantHasLostTheCertificateInUse() throws Exception {
    untilDue();
    renewal.look();
    later(REPLICATION);
    application.remove(inUse());
    later(DAY);
    assertThat(renewal.conditions())
        .singleElement()
        .satisfies(
            CertificateRenewalTest::isReadable,
            each -> assertThat(each.summary()).contains("does not know the certificate in use"));
    application.add(inUse());
    later(DAY);
    assertThat(renewal.conditions()).isEmpty();
  }

  @Test
  void erasesADamagedPreviousPair() throws Exception {
    untilDue();
    renewal.look();
    later(REPLICATION);
    Files.writeString(files.previous().key(), "damaged");
    later(DAY);
    assertThat(files.previous().key()).doesNotExist();
    assertThat(renewal.conditions()).isEmpty();
  }

  @Test
  void setUpKeepsAPairThatSeemsToHaveExpired() throws Exception {
    X509Certificate next = files.prepare(Clock.offset(Clock.systemUTC(), Duration.ofDays(370)));
    assertThat(next).isNotEqualTo(first);
    assertThat(files.previous().read().certificate()).isEqualTo(first);
    assertThat(token()).as("the clock was wrong").isInstanceOf(TokenResult.Issued.class);
  }

  @Test
  void setUpGoesBackToThePairThatAWrongClockHasReplaced() throws Exception {
    Instant right = clock.instant();
    clock.set(first.getNotAfter().toInstant().plus(DAY.multipliedBy(3650)));
    assertThat(files.prepare(clock)).isNotEqualTo(first);
    clock.set(right);
    assertThat(files.prepare(clock)).isEqualTo(first);
    assertThat(files.matches()).isTrue();
    assertThat(files.previous().exists()).isFalse();
  }

  @Test
  void aWrongClockErasesNoPairWhileNoTokenComes() throws Exception {
    untilDue();
    renewal.look();
    later(REPLICATION);
    assertRenewedOnce();
    X509Certificate old = files.previous().read().certificate();
    platform.close();
    clock.set(old.getNotAfter().toInstant().plus(DAY));
    renewal.look();
    later(DAY);
    assertThat(files.previous().read().certificate()).isEqualTo(old);
  }

  @Test
  void setUpReplacesADamagedPair() throws Exception {
    Files.writeString(files.key(), "damaged");
    X509Certificate staged = files.stage(clock).certificate();
    assertThat(ApplicationCertificate.life(staged)).isEqualTo(Duration.ofDays(365));
    assertThat(files.prepare(clock)).isNotIn(first, staged);
    assertThat(files.matches()).isTrue();
  }

  @Test
  void rootCopiesNoFileOfAnotherUserToWhichALinkLeads() throws Exception {
    assumeThat(Files.getAttribute(directory, "unix:uid")).isEqualTo(0);
    X509Certificate next = files.stage(clock).certificate();
    Path secret = directory.resolve("secret");
    OwnerOnlyFile.replace(secret, Files.readAllBytes(files.key()));
    Files.delete(files.key());
    Files.createSymbolicLink(files.key(), secret);
    Path data = files.key().getParent().getParent();
    Files.setAttribute(data, "unix:uid", 12345);
    Files.setAttribute(files.key().getParent(), "unix:uid", 12345);
    assertThatThrownBy(() -> files.activate(next)).isInstanceOf(OperatorException.class);
    assertThat(files.previous().key()).doesNotExist();
    Files.setAttribute(data, "unix:uid", 0);
    Files.setAttribute(files.key().getParent(), "unix:uid", 0);
  }

  @Test
  void canBeSwitchedOff() throws Exception {
    load("renewCertificates: false");
    clock.set(first.getNotAfter().toInstant().minus(Duration.ofDays(10)));
    renewal.look();
    later(DAY);
    assertThat(graph.requests()).isEmpty();
    assertThat(renewal.conditions()).isEmpty();
  }
}
