package org.tlsuplift.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tlsuplift.proxy.mail.MailService.DeviceTls;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.SignInOutcome;
import org.tlsuplift.proxy.signin.MailboxPermits;
import org.tlsuplift.proxy.signin.OriginAccess;
import org.tlsuplift.proxy.signin.OriginPassword.Result;
import org.tlsuplift.proxy.testing.MailTalk;
import org.tlsuplift.proxy.testing.SignInDesk;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.Uplift;
import org.tlsuplift.proxy.testing.XoauthOrigin;

/** A device signs in with a short password, and the proxy signs in at the origin with another. */
class SignInPasswordTest {
  private static final String USER = "relay-user";
  private static final String SECRET = "a secret that is too long for the menu of a scanner";

  @AutoClose private final SignInRig rig = new SignInRig();
  private final SignInDesk desk = rig.desk;
  private Result password = new Result.Known(SECRET);

  @BeforeEach
  void limitNothing() {
    desk.limiter = MailboxPermits.UNLIMITED;
  }

  private XoauthOrigin origin(MailProtocol protocol, OriginTls tls, String... mechanisms) {
    XoauthOrigin origin = rig.origin(protocol, tls);
    origin.mechanisms = List.of(mechanisms);
    origin.passwords.put(USER, SECRET);
    desk.access = access(origin.as("localhost"));
    return origin;
  }

  private OriginAccess access(HostPort at) {
    return new OriginAccess.ByPassword(
        at, USER, () -> CompletableFuture.supplyAsync(() -> password), MailboxPermits.UNLIMITED);
  }

  private static String signIn(MailProtocol protocol) {
    return (protocol == MailProtocol.IMAP ? "t AUTHENTICATE PLAIN " : "AUTH PLAIN ")
        + SignInDesk.plain(SignInDesk.PASSWORD);
  }

  @ParameterizedTest
  @CsvSource({
    "SMTP, STARTTLS, PLAIN",
    "SMTP, IMPLICIT, LOGIN",
    "IMAP, STARTTLS, LOGIN",
    "IMAP, IMPLICIT, PLAIN",
    "POP3, STARTTLS, PLAIN",
    "POP3, IMPLICIT, LOGIN",
  })
  void usesTheMechanismThatTheOriginOffers(MailProtocol protocol, OriginTls tls, String mechanism)
      throws Exception {
    XoauthOrigin origin = origin(protocol, tls, mechanism);
    Uplift uplift = rig.start(DeviceTls.IMPLICIT, false, origin);
    try (MailTalk device = rig.device(uplift, protocol, DeviceTls.IMPLICIT)) {
      assertThat(device.ask(signIn(protocol))).matches("235 .*|t OK .*|\\+OK .*");
      assertThat(device.ask("NOOP")).isEqualTo("heard NOOP");
    }
    assertThat(origin.signedIn).containsExactly(USER);
    assertThat(origin.failures()).isEmpty();
    await()
        .untilAsserted(
            () ->
                assertThat(uplift.observer.signIns)
                    .singleElement()
                    .satisfies(
                        signIn -> {
                          assertThat(signIn.outcome()).isEqualTo(SignInOutcome.SIGNED_IN);
                          assertThat(signIn.mailbox()).isEqualTo(SignInDesk.MAILBOX);
                        }));
    assertThat(desk.tokensAsked).as("no token").hasValue(0);
  }

  @Test
  void sendsThePasswordToItsOwnOriginOnly() throws Exception {
    XoauthOrigin origin = origin(MailProtocol.SMTP, OriginTls.STARTTLS, "PLAIN");
    desk.access = access(new HostPort("relay.example", 587));
    Uplift uplift = rig.start(DeviceTls.STARTTLS, false, origin);
    try (MailTalk device = rig.device(uplift, MailProtocol.SMTP, DeviceTls.STARTTLS)) {
      assertThat(device.ask(signIn(MailProtocol.SMTP))).startsWith("535 5.7.8 ");
    }
    assertThat(origin.connections).hasValue(0);
    assertThat(uplift.observer.signIns)
        .singleElement()
        .satisfies(
            signIn -> {
              assertThat(signIn.outcome()).isEqualTo(SignInOutcome.BAD_CREDENTIALS);
              assertThat(signIn.detail())
                  .contains(
                      "is for relay.example:587 only, and this listener leads to "
                          + origin.as("localhost"));
            });
  }

  @ParameterizedTest
  @EnumSource(OriginTls.class)
  void sendsNoPasswordToAnUnverifiedOrigin(OriginTls tls) throws Exception {
    XoauthOrigin origin =
        rig.origin(MailProtocol.SMTP, tls, TestAuthority.create().serving("localhost"));
    origin.mechanisms = List.of("PLAIN");
    desk.access = access(origin.as("localhost"));
    Uplift uplift = rig.start(DeviceTls.STARTTLS, false, origin);
    try (MailTalk device = rig.device(uplift, MailProtocol.SMTP, DeviceTls.STARTTLS)) {
      assertThat(device.ask(signIn(MailProtocol.SMTP))).startsWith("454 4.7.0 ");
    }
    assertThat(origin.heard).noneMatch(line -> line.contains("AUTH"));
    assertThat(uplift.observer.signIns.get(0).outcome())
        .isEqualTo(SignInOutcome.ORIGIN_UNAVAILABLE);
  }

  @Test
  void isPresentedOnceIfTheOriginRefusesIt() throws Exception {
    XoauthOrigin origin = origin(MailProtocol.SMTP, OriginTls.IMPLICIT, "PLAIN");
    password = new Result.Known("an old password");
    Uplift uplift = rig.start(DeviceTls.STARTTLS, false, origin);
    try (MailTalk device = rig.device(uplift, MailProtocol.SMTP, DeviceTls.STARTTLS)) {
      assertThat(device.ask(signIn(MailProtocol.SMTP))).startsWith("535 5.7.8 ");
    }
    assertThat(origin.connections).hasValue(1);
    await().untilAsserted(() -> assertThat(uplift.observer.closed).hasSize(1));
    assertThat(uplift.observer.closed.get(0).reason()).isEqualTo(CloseReason.SIGN_IN_FAILED);
    assertThat(uplift.observer.signIns.get(0).outcome()).isEqualTo(SignInOutcome.ORIGIN_REFUSED);
    assertThat(uplift.observer.signIns.get(0).detail())
        .startsWith("the origin's reply to PLAIN is '535 5.7.3 Authentication unsuccessful ");
  }

  @Test
  void aDeviceIsRefusedAtAnOriginThatAcceptsTokensOnly() throws Exception {
    XoauthOrigin origin = origin(MailProtocol.SMTP, OriginTls.IMPLICIT, "XOAUTH2");
    Uplift uplift = rig.start(DeviceTls.STARTTLS, false, origin);
    try (MailTalk device = rig.device(uplift, MailProtocol.SMTP, DeviceTls.STARTTLS)) {
      assertThat(device.ask(signIn(MailProtocol.SMTP))).startsWith("535 5.7.8 ");
    }
    assertThat(origin.heard).noneMatch(line -> line.contains("AUTH"));
    assertThat(uplift.observer.signIns.get(0).detail())
        .isEqualTo("the origin offers neither PLAIN nor LOGIN, only XOAUTH2");
  }

  @Test
  void aPasswordThatCannotBeReadOpensNoConnection() throws Exception {
    XoauthOrigin origin = origin(MailProtocol.SMTP, OriginTls.IMPLICIT, "PLAIN");
    password = new Result.Unreadable("/etc/relay.password: no such file");
    Uplift uplift = rig.start(DeviceTls.STARTTLS, false, origin);
    try (MailTalk device = rig.device(uplift, MailProtocol.SMTP, DeviceTls.STARTTLS)) {
      assertThat(device.ask(signIn(MailProtocol.SMTP))).startsWith("535 5.7.8 ");
    }
    assertThat(origin.connections).hasValue(0);
    assertThat(uplift.observer.signIns.get(0).outcome()).isEqualTo(SignInOutcome.TOKEN_REFUSED);
    assertThat(uplift.observer.signIns.get(0).detail())
        .isEqualTo("/etc/relay.password: no such file");
  }
}
