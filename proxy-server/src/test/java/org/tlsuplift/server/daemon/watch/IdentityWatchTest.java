package org.tlsuplift.server.daemon.watch;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.testing.ClientAuthority;
import org.tlsuplift.proxy.testing.SettableClock;
import org.tlsuplift.server.command.text.LogLevels;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.LoadedConfig;

/** A client certificate is replaced when good files are in its place, and not by anything else. */
class IdentityWatchTest {
  private static final ClientAuthority CLIENTS = ClientAuthority.create();

  @TempDir Path directory;

  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Logger log = (Logger) LoggerFactory.getLogger("org.tlsuplift.server.daemon");
  private final SettableClock clock = new SettableClock(Instant.now());
  private final ClientAuthority.Issued first = CLIENTS.issue("RSA", "first.example.test");
  private final ClientAuthority.Issued second = CLIENTS.issue("EC", "second.example.test");

  @BeforeEach
  void listen() {
    LogLevels.normal();
    lines.start();
    log.addAppender(lines);
  }

  @AfterEach
  void stopListening() {
    log.detachAppender(lines);
  }

  private IdentityWatch watch(ClientAuthority.Issued issued) throws Exception {
    certificate(issued.certificatePem());
    key(issued.keyPem());
    Files.setPosixFilePermissions(
        directory.resolve("relay.key"), PosixFilePermissions.fromString("rw-------"));
    return IdentityWatch.open(config(), clock);
  }

  private LoadedConfig config() throws Exception {
    return ConfigLoader.parse(
        """
            listeners: [{name: web, bind: '127.0.0.1:0', accept: http-connect, profile: legacy, mail: {allowedSenders: [scanner@contoso.example]}}]
            routes:
              - to: ["a.example:25"]
                action: bridge
                clientCertificate: {certificate: '%1$s/relay.pem', key: '%1$s/relay.key'}
            """
            .formatted(directory),
        "test");
  }

  private void certificate(String pem) throws Exception {
    Files.writeString(directory.resolve("relay.pem"), pem);
  }

  private void key(String pem) throws Exception {
    Files.writeString(directory.resolve("relay.key"), pem);
  }

  private static X509Certificate current(IdentityWatch watch) {
    return watch.sources().get(0).current().certificate();
  }

  private List<String> said(Level level) {
    return lines.list.stream()
        .filter(event -> event.getLevel() == level)
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }

  @Test
  void logsNothingWhileNothingChanges() throws Exception {
    IdentityWatch watch = watch(first);
    watch.look();
    watch.look();
    assertThat(current(watch)).isEqualTo(first.certificate());
    assertThat(lines.list).isEmpty();
  }

  @Test
  void loadsANewPair() throws Exception {
    IdentityWatch watch = watch(first);
    certificate(second.certificatePem());
    key(second.keyPem());
    watch.look();
    watch.look();
    assertThat(current(watch)).isEqualTo(second.certificate());
    assertThat(said(Level.INFO))
        .containsExactly(
            "client certificate for a.example:25 loaded: CN=second.example.test, expires "
                + second.certificate().getNotAfter().toInstant()
                + "; new connections present it");
    assertThat(said(Level.WARN)).isEmpty();
  }

  @Test
  void waitsForTheSecondOfTwoFiles() throws Exception {
    IdentityWatch watch = watch(first);
    certificate(second.certificatePem());
    watch.look();
    watch.look();
    assertThat(current(watch)).isEqualTo(first.certificate());
    assertThat(said(Level.WARN))
        .singleElement()
        .asString()
        .startsWith(
            "client certificate for a.example:25 not loaded; CN=first.example.test stays in use: ")
        .contains("does not match");
    key(second.keyPem());
    watch.look();
    assertThat(current(watch)).isEqualTo(second.certificate());
    assertThat(said(Level.WARN)).hasSize(1);
  }

  @Test
  void keepsTheLastGoodOneIfAFileIsIncompleteOrMissing() throws Exception {
    IdentityWatch watch = watch(first);
    String whole = second.certificatePem();
    key(second.keyPem());
    certificate(whole.substring(0, 200));
    watch.look();
    watch.look();
    assertThat(said(Level.WARN)).hasSize(1);
    Files.delete(directory.resolve("relay.pem"));
    watch.look();
    watch.look();
    assertThat(said(Level.WARN)).hasSize(2).last().asString().contains("no such file");
    assertThat(current(watch)).isEqualTo(first.certificate());
    certificate(whole);
    watch.look();
    assertThat(current(watch)).isEqualTo(second.certificate());
  }

  @Test
  void neverShowsAKey() throws Exception {
    IdentityWatch watch = watch(first);
    key(second.keyPem());
    watch.look();
    key(second.keyPem().replace("BEGIN PRIVATE", "BEGIN"));
    watch.look();
    assertThat(said(Level.WARN))
        .hasSize(2)
        .allSatisfy(
            line -> assertThat(line).doesNotContain(second.keyPem().lines().toList().get(1)));
  }

  @Test
  void warnsOnceADayFromThirtyDaysBeforeExpiry() throws Exception {
    IdentityWatch watch = watch(first);
    Instant end = first.certificate().getNotAfter().toInstant();
    clock.set(end.minus(Duration.ofDays(30)).minusSeconds(1));
    watch.look();
    assertThat(lines.list).isEmpty();

    clock.set(end.minus(Duration.ofDays(30)));
    watch.look();
    clock.advance(Duration.ofHours(23));
    watch.look();
    assertThat(said(Level.WARN))
        .containsExactly(
            "the client certificate CN=first.example.test for a.example:25 expires on "
                + end
                + ", in 30 days; replace its files with the renewed certificate; the daemon loads it without a restart");
    clock.advance(Duration.ofHours(1));
    watch.look();
    assertThat(said(Level.WARN)).hasSize(2).last().asString().contains("in 29 days");

    clock.set(end);
    watch.look();
    watch.look();
    assertThat(said(Level.ERROR))
        .singleElement()
        .asString()
        .contains("CN=first.example.test for a.example:25 expired on " + end);
    assertThat(said(Level.WARN)).hasSize(2);
  }

  /** A program that renews it at a third of its life causes no warning. */
  @Test
  void warnsOfAShortLifeInItsLastQuarter() throws Exception {
    Instant end = clock.instant().minus(Duration.ofDays(350));
    ClientAuthority.Issued brief = CLIENTS.issue("EC", "brief.example.test", end);
    Duration life = Duration.between(brief.certificate().getNotBefore().toInstant(), end);
    clock.set(end.minus(life.dividedBy(3)));
    IdentityWatch watch = watch(brief);
    watch.look();
    assertThat(lines.list).isEmpty();

    clock.set(end.minus(life.dividedBy(4)));
    watch.look();
    assertThat(said(Level.WARN))
        .singleElement()
        .asString()
        .contains("brief.example.test", "in 12 days");
  }

  @Test
  void logsTheLoadedCertificateAfterAReload() throws Exception {
    IdentityWatch watch = watch(first);
    watch.look();
    IdentityWatch same = watch(first);
    same.look();
    assertThat(said(Level.INFO)).isEmpty();
    LoadedConfig config = config();
    certificate(second.certificatePem());
    key(second.keyPem());
    IdentityWatch next = watch.with(config);
    assertThat(said(Level.INFO)).as("the reload may still be refused").isEmpty();
    next.look();
    next.look();
    assertThat(said(Level.INFO))
        .singleElement()
        .asString()
        .startsWith("client certificate for a.example:25 loaded: CN=second.example.test, ");
  }

  @Test
  void stopsWarningOfExpiryAfterARenewal() throws Exception {
    ClientAuthority.Issued ending =
        CLIENTS.issue("EC", "ending.example.test", clock.instant().plus(Duration.ofDays(3)));
    IdentityWatch watch = watch(ending);
    watch.look();
    assertThat(said(Level.WARN)).hasSize(1);
    certificate(first.certificatePem());
    key(first.keyPem());
    clock.advance(Duration.ofDays(2));
    watch.look();
    assertThat(said(Level.WARN)).hasSize(1);
  }

  @Test
  void warnsOfASecretFromThirtyDaysBeforeItsDay() throws Exception {
    Files.writeString(directory.resolve("client.secret"), "secret\n");
    Files.setPosixFilePermissions(
        directory.resolve("client.secret"), PosixFilePermissions.fromString("rw-------"));
    LocalDate day = LocalDate.parse("2031-03-01");
    Instant start = day.atStartOfDay(ZoneId.systemDefault()).toInstant();
    IdentityWatch watch =
        watchSignIn("clientSecretFile: '%s/client.secret', secretExpires: " + day);
    clock.set(start.minus(Duration.ofDays(30)).minusSeconds(1));
    watch.look();
    assertThat(lines.list).isEmpty();

    clock.set(start.minus(Duration.ofDays(30)));
    watch.look();
    clock.advance(Duration.ofHours(23));
    watch.look();
    assertThat(said(Level.WARN))
        .containsExactly(
            "the secret of application 11111111-2222-4333-8444-555555555555 (tenant"
                + " contoso.example) expires on 2031-03-01, in 30 days; create a new secret for"
                + " the application, write its value into clientSecretFile, and set secretExpires"
                + " and reload");

    clock.set(start.plus(Duration.ofHours(23)));
    watch.look();
    assertThat(said(Level.WARN)).hasSize(2).last().asString().contains("in 0 days");

    clock.set(start.plus(Duration.ofHours(24)));
    watch.look();
    watch.look();
    assertThat(said(Level.ERROR))
        .singleElement()
        .asString()
        .contains("expired on 2031-03-01, by signIn.secretExpires; if it was replaced, set");
  }

  @Test
  void warnsOfATokenOfTheAdminPortFromThirtyDaysBeforeItsEnd() throws Exception {
    LocalDate last = LocalDate.parse("2031-03-01");
    Instant end = last.plusDays(1).atStartOfDay(ZoneId.systemDefault()).toInstant();
    LoadedConfig config =
        ConfigLoader.parse(
            """
                listeners: [{name: web, bind: '127.0.0.1:0', accept: http-connect, profile: legacy}]
                admin:
                  tokens:
                    - {name: prometheus, sha256: '%s'}
                    - {name: deploy, sha256: '%s', expires: 2031-03-01}
                """
                .formatted("a".repeat(64), "b".repeat(64)),
            "test");
    assertThat(TokenExpiry.of(config.config().admin()))
        .containsExactly(new TokenExpiry("deploy", "admin.tokens[1]", last));
    IdentityWatch watch = IdentityWatch.open(config, clock);
    clock.set(end.minus(Duration.ofDays(30)).minusSeconds(1));
    watch.look();
    assertThat(lines.list).isEmpty();

    clock.set(end.minus(Duration.ofDays(30)));
    watch.look();
    watch.look();
    assertThat(said(Level.WARN))
        .containsExactly(
            "the token deploy of the admin port expires after 2031-03-01, in 30 days; run"
                + " 'tls-uplift admin token', give the new token to the program, set its sha256"
                + " and a later 'expires', and reload");

    clock.set(end);
    watch.look();
    assertThat(said(Level.ERROR))
        .singleElement()
        .asString()
        .contains("expired after 2031-03-01 and is refused");
  }

  @Test
  void watchesTheCertificateOfAnApplication() throws Exception {
    ClientAuthority.Issued ending =
        CLIENTS.issue("RSA", "application", clock.instant().plus(Duration.ofDays(3)));
    certificate(ending.certificatePem());
    key(ending.keyPem());
    Files.setPosixFilePermissions(
        directory.resolve("relay.key"), PosixFilePermissions.fromString("rw-------"));
    IdentityWatch watch =
        watchSignIn("certificate: {certificate: '%1$s/relay.pem', key: '%1$s/relay.key'}");
    watch.look();
    assertThat(said(Level.WARN))
        .singleElement()
        .asString()
        .startsWith(
            "the certificate of application 11111111-2222-4333-8444-555555555555 CN=application (tenant contoso.example) expires on ")
        .contains(
            "run 'tls-uplift tenant setup --new-certificate --config %s/tls-uplift.yaml'"
                .formatted(directory),
            "upload a renewed certificate to the application");
    certificate(first.certificatePem());
    key(first.keyPem());
    watch.look();
    assertThat(watch.applications().get(0).current().certificate()).isEqualTo(first.certificate());
    assertThat(said(Level.INFO))
        .singleElement()
        .asString()
        .endsWith("; the next token request uses it");
  }

  @Test
  void aListenerKeepsItsCertificateIfTheNewOneCannotServeDevices() throws Exception {
    ClientAuthority.Issued named = CLIENTS.issueFor("uplift.example.test");
    certificate(named.certificatePem());
    key(named.keyPem());
    IdentityWatch watch =
        IdentityWatch.open(
            ConfigLoader.parse(
                """
                    listeners:
                      - name: outlook
                        bind: '127.0.0.1:0'
                        accept: fixed
                        origin: outlook.office365.com:443
                        profile: legacy
                        certificate: {certificate: '%1$s/relay.pem', key: '%1$s/relay.key'}
                    """
                    .formatted(directory),
                "test"),
            clock);
    certificate(second.certificatePem());
    key(second.keyPem());
    watch.look();
    certificate(first.certificatePem());
    key(first.keyPem());
    watch.look();
    assertThat(said(Level.WARN))
        .satisfiesExactly(
            line ->
                assertThat(line)
                    .startsWith("certificate of the listener outlook not loaded; ")
                    .contains("old devices need RSA"),
            line -> assertThat(line).contains("no host name or address in subjectAltName"));
    assertThat(watch.listeners().get(0).current().certificate()).isEqualTo(named.certificate());

    ClientAuthority.Issued renewed = CLIENTS.issueFor("uplift.example.test");
    certificate(renewed.certificatePem());
    key(renewed.keyPem());
    watch.look();
    assertThat(watch.listeners().get(0).current().certificate()).isEqualTo(renewed.certificate());
    assertThat(said(Level.INFO)).singleElement().asString().endsWith("; new sessions get it");
  }

  private IdentityWatch watchSignIn(String keys) throws Exception {
    Path file = Files.writeString(directory.resolve("tls-uplift.yaml"), "");
    return IdentityWatch.open(
        ConfigLoader.parse(
            """
                listeners: [{name: web, bind: '127.0.0.1:0', accept: http-connect, profile: legacy}]
                signIn: {tenant: contoso.example, applicationId: 11111111-2222-4333-8444-555555555555, %s, accounts: [{devices: [10.0.0.0/8], mailbox: a@b.example}]}
                """
                .formatted(keys.formatted(directory)),
            file.toString()),
        clock);
  }
}
