package org.tlsuplift.server.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.Permit;
import org.tlsuplift.proxy.model.PermitResult;
import org.tlsuplift.proxy.signin.MailboxPermits;
import org.tlsuplift.proxy.testing.SettableClock;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.feature.Condition;
import org.tlsuplift.server.testing.platform.AppRegistration;
import org.tlsuplift.server.testing.platform.IdentityPlatform;
import org.tlsuplift.server.testing.platform.Trouble;

/** The daily check against an identity platform whose administrator takes something away. */
class DailyTenantCheckTest {
  private static final Duration DAY = Duration.ofHours(26);

  private final IdentityPlatform platform = IdentityPlatform.start();
  private final SettableClock clock = new SettableClock(Instant.now());
  private final AtomicInteger asked = new AtomicInteger();
  private PermitResult permit = new PermitResult.Given();
  private final AppRegistration application = platform.register();
  private Path secret;
  private LoadedConfig loaded;
  private DailyTenantCheck check;

  @TempDir Path directory;

  @BeforeEach
  void connect() throws Exception {
    secret = directory.resolve("secret");
    Files.createFile(
        secret, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(secret, application.newSecret() + "\n");
    loaded = load("");
    check = new DailyTenantCheck(() -> loaded, () -> new Permits(), Optional::empty, clock);
  }

  @AfterEach
  void stop() {
    platform.close();
  }

  private final class Permits implements MailboxPermits {
    @Override
    public Permit session(String mailbox, MailProtocol protocol, InetAddress device) {
      asked.incrementAndGet();
      return new Permit() {
        @Override
        public CompletionStage<PermitResult> answer() {
          return CompletableFuture.completedStage(permit);
        }

        @Override
        public void end() {
          asked.addAndGet(100);
        }
      };
    }

    @Override
    public Permit message(String mailbox) {
      throw new AssertionError("it sends no message");
    }
  }

  private LoadedConfig load(String more) throws Exception {
    return ConfigLoader.parse(
        """
        dataDirectory: %s
        upstream: {trust: %s}
        listeners:
          - {name: mail, bind: "127.0.0.1:0", accept: fixed, origin: "smtp.office365.com:587", protocol: smtp, profile: legacy, signIn: true, mail: {spool: {when: always}}}
        signIn:
          tenant: %s
          applicationId: %s
          clientSecretFile: %s
          authority: %s
          %s
          accounts:
            - {devices: [192.0.2.0/28], mailbox: scanner@corp.example, sendBy: graph}
            - {devices: [192.0.2.16/28], mailbox: fax@corp.example, sendBy: graph}
            - {devices: [192.0.2.32/28], mailbox: old@corp.example, sendBy: graph, disabled: true}
        """
            .formatted(
                directory.resolve("data"),
                platform.certificateFile(),
                platform.tenant(),
                application.id(),
                secret,
                platform.url(),
                more),
        Files.writeString(directory.resolve("tls-uplift.yaml"), "").toString());
  }

  private void later(Duration time) {
    clock.advance(time);
    check.look();
  }

  @Test
  void checksOnceADayAndReturnsTheSessionsOfTheMailboxes() {
    check.look();
    assertThat(asked).as("not at the start").hasValue(0);
    later(DAY);
    assertThat(asked).hasValue(202);
    later(Duration.ofHours(1));
    assertThat(asked).hasValue(202);
    later(DAY);
    assertThat(asked).hasValue(404);
    assertThat(check.conditions()).isEmpty();
  }

  @Test
  void aClockThatWasFarAheadDoesNotPostponeTheCheck() {
    later(Duration.ofDays(400));
    assertThat(asked).hasValue(202);
    later(Duration.ofDays(-400));
    assertThat(asked).hasValue(404);
    later(Duration.ofHours(1));
    assertThat(asked).hasValue(404);
  }

  @Test
  void aLossIsNotifiedAfterASecondCheckAndUntilItIsMended() throws Exception {
    later(DAY);
    application.expireSecrets();
    later(DAY);
    assertThat(check.conditions()).as("a first refusal may pass").isEmpty();
    assertThat(check.latest().orElseThrow().passed()).isFalse();
    assertThat(check.lost()).isZero();

    later(Duration.ofMinutes(30));
    assertThat(check.lost()).isEqualTo(2);
    assertThat(check.conditions())
        .singleElement()
        .satisfies(
            lost -> assertThat(lost.kind()).isEqualTo("access_lost"),
            lost ->
                assertThat(lost.remedy())
                    .startsWith(
                        "run 'tls-uplift tenant check --config "
                            + directory.resolve("tls-uplift.yaml")
                            + "': "),
            lost ->
                assertThat(lost.summary())
                    .startsWith(
                        "Microsoft 365 no longer lets devices in as fax@corp.example, smtp and 1 more: "));

    Files.writeString(secret, application.newSecret() + "\n");
    later(DAY);
    assertThat(check.lost()).isZero();
    assertThat(check.conditions()).isEmpty();
  }

  @Test
  void anUnreachablePlatformProvesNoLossAndNoRepair() {
    platform.suffer(Trouble.unavailable());
    later(DAY);
    later(DAY);
    assertThat(check.conditions()).isEmpty();

    platform.recover();
    application.expireSecrets();
    later(DAY);
    later(Duration.ofMinutes(30));
    assertThat(check.conditions()).extracting(Condition::kind).contains("access_lost");
    platform.suffer(Trouble.unavailable());
    later(DAY);
    assertThat(check.lost()).isEqualTo(2);
  }

  @Test
  void leavesOutAMailboxWhoseSessionsDevicesNeed() {
    permit = new PermitResult.Busy("3 sessions are open");
    application.expireSecrets();
    later(DAY);
    later(DAY);
    assertThat(asked).hasValue(404);
    assertThat(check.lost()).isZero();
    assertThat(check.latest().orElseThrow().result()).startsWith("no mailbox was checked: ");
    assertThat(check.latest().orElseThrow().passed()).as("nothing was proven").isNull();
  }

  @Test
  void forgetsAMailboxThatNoLongerHasAnAccountAndCanBeSwitchedOff() throws Exception {
    application.expireSecrets();
    later(DAY);
    later(Duration.ofMinutes(30));
    assertThat(check.lost()).isEqualTo(2);
    loaded = load("dailyCheck: false");
    check.look();
    assertThat(check.lost()).isZero();
    later(DAY);
    assertThat(asked).hasValue(404);
  }
}
