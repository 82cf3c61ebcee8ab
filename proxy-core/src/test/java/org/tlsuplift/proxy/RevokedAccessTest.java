package org.tlsuplift.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tlsuplift.proxy.context.ProxyProtocolSpec;
import org.tlsuplift.proxy.mail.MailService.DeviceTls;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.SignInOutcome;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.MailTalk;
import org.tlsuplift.proxy.testing.SignInDesk;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.Uplift;
import org.tlsuplift.proxy.testing.XoauthOrigin;

/** Open sessions end when their device may no longer use the proxy. */
@Timeout(60)
class RevokedAccessTest {
  private static final TestAuthority OWN = TestAuthority.create();

  @AutoClose private final SignInRig rig = new SignInRig();
  private final SignInDesk desk = rig.desk;

  private static String signIn(MailProtocol protocol) {
    return (protocol == MailProtocol.IMAP ? "t AUTHENTICATE PLAIN " : "AUTH PLAIN ")
        + SignInDesk.plain(SignInDesk.PASSWORD);
  }

  private static SessionSummary summary(Uplift uplift) {
    await().until(() -> !uplift.observer.closed.isEmpty());
    return uplift.observer.closed.get(0);
  }

  @ParameterizedTest
  @EnumSource(MailProtocol.class)
  void aSessionEndsWithItsAccount(MailProtocol protocol) throws Exception {
    XoauthOrigin origin = rig.origin(protocol, OriginTls.IMPLICIT);
    Uplift uplift = rig.start(DeviceTls.IMPLICIT, false, origin);
    try (MailTalk device = rig.device(uplift, protocol, DeviceTls.IMPLICIT);
        MailTalk unknown = rig.device(uplift, protocol, DeviceTls.IMPLICIT)) {
      assertThat(device.ask(signIn(protocol))).matches("235 .*|t OK .*|\\+OK .*");
      uplift.proxy().recheckAccounts();
      assertThat(device.ask("NOOP")).as("the account stays").isEqualTo("heard NOOP");

      desk.standing.set(false);
      assertThat(device.ask("NOOP")).as("nothing is checked per line").isEqualTo("heard NOOP");
      uplift.proxy().recheckAccounts();

      assertThat(device.isCut()).isTrue();
      assertThat(unknown.ask(signIn(protocol)))
          .as("the session of a device that has not signed in continues")
          .matches("535 .*|t NO .*|-ERR .*");
    }
    SessionSummary ended = summary(uplift);
    assertThat(ended.reason()).isEqualTo(CloseReason.ACCESS_REVOKED);
    assertThat(ended.detail())
        .isEqualTo("account " + SignInDesk.MAILBOX + " was removed, disabled or changed");
    await().untilAsserted(() -> assertThat(desk.permits).hasValue(0));
    await()
        .untilAsserted(
            () ->
                assertThat(origin.failures())
                    .as("the stream to the origin is cut too, so no message looks complete")
                    .singleElement()
                    .isInstanceOf(SSLException.class));
  }

  @Test
  void anAccountThatIsRemovedDuringTheSignInDoesNotSignIn() throws Exception {
    XoauthOrigin origin = rig.origin(MailProtocol.SMTP, OriginTls.IMPLICIT);
    Uplift uplift = rig.start(DeviceTls.IMPLICIT, false, origin);
    CompletableFuture<?> gate = new CompletableFuture<>();
    desk.tokenGate = gate;
    try (MailTalk device = rig.device(uplift, MailProtocol.SMTP, DeviceTls.IMPLICIT)) {
      device.say(signIn(MailProtocol.SMTP));
      await().untilAsserted(() -> assertThat(desk.tokensAsked).hasValue(1));

      desk.standing.set(false);
      uplift.proxy().recheckAccounts();
      gate.complete(null);

      assertThat(device.hear()).startsWith("535 5.7.8 ");
    }
    assertThat(uplift.observer.signIns)
        .singleElement()
        .satisfies(
            attempt -> {
              assertThat(attempt.outcome()).isEqualTo(SignInOutcome.BAD_CREDENTIALS);
              assertThat(attempt.detail()).contains("was removed, disabled or changed");
            });
    await().untilAsserted(() -> assertThat(desk.permits).hasValue(0));
  }

  @Test
  void mailDeviceThatSignsInGets421WhenItsNetworkIsRemoved() throws Exception {
    XoauthOrigin origin = rig.origin(MailProtocol.SMTP, OriginTls.IMPLICIT);
    Uplift uplift = rig.start(DeviceTls.IMPLICIT, false, origin);
    try (MailTalk device = rig.device(uplift, MailProtocol.SMTP, DeviceTls.IMPLICIT)) {
      rig.settings().allow = List.of(Cidr.parse("127.0.0.9/32"));
      uplift.proxy().apply(uplift.spec(rig.settings(), OWN, OWN));

      assertThat(device.hear()).startsWith("421 ").contains("no longer allowed");
      assertThat(device.atEnd()).isTrue();
    }
    assertThat(summary(uplift).reason()).isEqualTo(CloseReason.ACCESS_REVOKED);
    assertThat(summary(uplift).detail()).contains("devices.allow");
  }

  @Test
  void aDeviceWhoseProxyHeaderComesAfterTheRemovalOfItsNetworkIsNotServed() throws Exception {
    Uplift.Settings settings = new Uplift.Settings();
    settings.proxyProtocol = new ProxyProtocolSpec(List.of(Cidr.parse("127.0.0.1")));
    settings.allow = List.of(Cidr.parse("10.0.0.0/8"));
    try (Uplift uplift = new Uplift(settings, OWN, OWN);
        Socket balancer = Device.open(uplift.web())) {
      await().until(() -> uplift.proxy().sessions() == 1);
      settings.allow = List.of(Cidr.parse("11.0.0.0/8"));
      uplift.proxy().apply(uplift.spec(settings, OWN, OWN));

      balancer
          .getOutputStream()
          .write(
              "PROXY TCP4 10.1.2.3 127.0.0.1 40000 3128\r\n".getBytes(StandardCharsets.US_ASCII));

      assertThat(balancer.getInputStream().readAllBytes()).isEmpty();
      assertThat(summary(uplift).reason()).isEqualTo(CloseReason.ACCESS_REVOKED);
      assertThat(summary(uplift).device().getHostString()).isEqualTo("10.1.2.3");
      await().until(() -> uplift.proxy().sessions() == 0);
      assertThat(uplift.proxy().earlierSessions()).isZero();
    }
  }
}
