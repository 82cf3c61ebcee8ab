package org.tlsuplift.proxy.setup;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.context.ListenerMail;
import org.tlsuplift.proxy.context.PipelineNames;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.MailService.DeviceTls;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.negotiate.AcceptMode;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.setup.BridgeSetup.LeafNames;
import org.tlsuplift.proxy.testing.ChannelText;
import org.tlsuplift.proxy.testing.EmbeddedParts;
import org.tlsuplift.proxy.testing.EmbeddedSocket;
import org.tlsuplift.proxy.testing.HeldDesk;
import org.tlsuplift.proxy.testing.SignInDesk;

/** A device is signed in at an origin that is dialled for this. Each step may fail or be late. */
class SignInSetupTest {
  private static final HostPort TARGET = new HostPort(EmbeddedParts.HOST, 465);
  private static final MailService MAIL =
      new MailService(MailProtocol.SMTP, DeviceTls.OPTIONAL, OriginTls.IMPLICIT, true);
  private static final String AUTH = "AUTH PLAIN " + SignInDesk.plain("any") + "\r\n";

  private final HeldDesk desk = new HeldDesk();
  private final List<TlsPeer> peers = new ArrayList<>();
  private SetupRig rig;
  private SignInSetup setup;

  @BeforeEach
  void prepare() throws Exception {
    rig =
        new SetupRig(
            EmbeddedParts.listener(
                new AcceptMode.Fixed(TARGET), ListenerMail.of(MAIL, null).signingIn(desk.signIn())),
            EmbeddedParts.AUTHORITY.source());
  }

  @AfterEach
  void close() {
    rig.close();
    peers.forEach(TlsPeer::close);
  }

  private SignInSetup.Plan plan(boolean greeted) {
    return new SignInSetup.Plan(
        desk.signIn(),
        MAIL,
        TARGET,
        new RouteDecision.Bridge(TARGET, EmbeddedParts.HOST, "", null),
        greeted);
  }

  /** A greeted device that never encrypts. */
  private void plaintext() {
    setup =
        rig.start(
            SignInSetup.inPlaintext(plan(true), rig.parts.context, rig.end::conversationEnded));
  }

  /** A device that started with TLS. */
  private TlsPeer underTls() {
    TlsPeer device = TlsPeer.device(rig.device, EmbeddedParts.TRUSTING, "TLSv1.2");
    peers.add(device);
    setup =
        rig.start(
            new SignInSetup(
                plan(false),
                rig.parts.context,
                dial ->
                    new BridgeSetup(
                        rig.parts.context,
                        new BridgeSetup.Plan(
                            rig.spec.profile().policyFor(rig.hello()),
                            null,
                            new LeafNames.Known(List.of(EmbeddedParts.HOST)),
                            List.of(),
                            true),
                        dial),
                rig.end::conversationEnded));
    return device;
  }

  /** The reply to the device. */
  private String says(String line) {
    rig.deviceSays(line);
    return ChannelText.heard(rig.device);
  }

  /** Runs the sign-in up to the DNS query for the origin. */
  private void dial() {
    rig.deviceSays(AUTH);
    desk.knows();
    rig.parts.run();
    desk.givesPermit();
    rig.parts.run();
    desk.issuesToken();
    rig.parts.run();
    assertThat(rig.parts.lookups).hasSize(1);
  }

  /** Dials, up to TLS with the origin. */
  private TlsPeer reach() {
    dial();
    rig.parts.resolve();
    TlsPeer origin = TlsPeer.origin(rig.parts.origin());
    peers.add(origin);
    origin.talk();
    return origin;
  }

  /** Dials, up to the token that the origin gets. */
  private TlsPeer present() {
    TlsPeer origin = reach();
    origin.says("220 origin\r\n");
    assertThat(origin.heard()).startsWith("EHLO ");
    origin.says("250-origin\r\n250 AUTH XOAUTH2\r\n");
    assertThat(origin.heard()).startsWith("AUTH XOAUTH2 ");
    return origin;
  }

  private void assertNothingIsLeft() {
    rig.parts.resolve();
    assertThat(rig.parts.origins()).noneMatch(EmbeddedSocket::isOpen);
    assertThat(desk.permits).isZero();
  }

  @Test
  void opensWhenTheOriginAcceptsTheToken() {
    plaintext();
    assertThat(says("EHLO printer\r\n")).contains("AUTH PLAIN LOGIN");
    TlsPeer origin = present();
    assertThat(rig.end.told).isEmpty();
    origin.says("235 2.7.0 Accepted\r\n");
    assertThat(ChannelText.heard(rig.device)).startsWith("235 ");
    assertThat(rig.end.told).containsExactly("opened");
    assertThat(rig.parts.seen)
        .containsExactly("introduced printer", "sign-in signed_in", "origin handshake completed");
    assertThat(rig.device.pipeline().get(PipelineNames.GUARD)).isNotNull();
    assertThat(rig.device.pipeline().get(PipelineNames.SIGN_IN)).isNull();
  }

  @Test
  void opensForADeviceUnderTls() {
    TlsPeer device = underTls();
    assertThat(setup.isHandshaking()).isTrue();
    assertThat(device.heard()).startsWith("220 origin.example.test ");
    assertThat(setup.isHandshaking()).isFalse();
    device.says("EHLO printer\r\n");
    assertThat(device.heard()).contains("AUTH PLAIN LOGIN");
    device.says(AUTH);
    desk.knows();
    rig.parts.run();
    desk.givesPermit();
    rig.parts.run();
    desk.issuesToken();
    rig.parts.run();
    rig.parts.resolve();
    TlsPeer origin = TlsPeer.origin(rig.parts.origin());
    peers.add(origin);
    origin.talk();
    origin.says("220 origin\r\n");
    origin.says("250-origin\r\n250 AUTH XOAUTH2\r\n");
    origin.says("235 2.7.0 Accepted\r\n");
    assertThat(device.heard()).startsWith("235 ");
    assertThat(rig.end.told).containsExactly("opened");
  }

  @Test
  void permitLastsAsLongAsTheConnection() {
    plaintext();
    present().says("235 2.7.0 Accepted\r\n");
    assertThat(desk.permits).isEqualTo(1);
    var unused = rig.parts.origin().close();
    assertThat(desk.permits).isZero();
  }

  @Test
  void aDeviceMayTryThreeTimes() {
    plaintext();
    for (int tries = 1; tries <= 2; tries++) {
      rig.deviceSays(AUTH);
      desk.refusesTheAccount();
      rig.parts.run();
      assertThat(ChannelText.heard(rig.device)).startsWith("535 ");
      assertThat(rig.end.told).isEmpty();
    }
    rig.deviceSays(AUTH);
    desk.refusesTheAccount();
    rig.parts.run();
    assertThat(ChannelText.heard(rig.device))
        .startsWith("535 ")
        .endsWith("421 4.3.0 too many failed sign-ins\r\n");
    assertThat(rig.end.told).containsExactly("conversation ended: SIGN_IN_FAILED: no account fits");
    assertNothingIsLeft();
  }

  @Test
  void aDeviceThatLeavesAfterAFailureEndsWithThatFailure() {
    plaintext();
    dial();
    rig.parts.refuseNames();
    assertThat(ChannelText.heard(rig.device)).startsWith("4");
    assertThat(rig.parts.seen).containsExactly("sign-in origin_unavailable");
    assertThat(rig.end.told).isEmpty();
    assertThat(says("QUIT\r\n")).startsWith("221 ");
    assertThat(rig.end.told).containsExactly("conversation ended: ORIGIN_UNRESOLVED: no such name");
    assertNothingIsLeft();
  }

  @Test
  void aTokenThatTheOriginRefusesIsRenewedOnce() {
    plaintext();
    TlsPeer origin = present();
    origin.says("535 5.7.3 Authentication unsuccessful\r\n");
    assertThat(rig.parts.origin().isOpen()).isFalse();
    assertThat(rig.end.told).isEmpty();
    assertThat(rig.device.outboundMessages()).isEmpty();
    desk.issuesToken();
    rig.parts.run();
    assertThat(rig.parts.lookups).as("a connection of its own").hasSize(1);
  }

  @Test
  void anOriginThatEndsInItsHandshakeIsAFailure() {
    plaintext();
    reach();
    var unused = rig.parts.origin().close();
    rig.parts.run();
    assertThat(ChannelText.heard(rig.device)).startsWith("4");
    assertThat(rig.parts.seen).contains("sign-in origin_unavailable");
    assertThat(rig.end.told).isEmpty();
    assertNothingIsLeft();
  }

  @Test
  void aDeviceThatLeavesEndsTheSession() {
    plaintext();
    rig.deviceLeaves();
    assertThat(rig.end.told).containsExactly("ended: DEVICE_CLOSED: ");
  }

  @Test
  void aDeviceThatClosesDuringItsSignInEndsTheSession() {
    plaintext();
    dial();
    rig.deviceLeaves();
    assertThat(rig.end.told).containsExactly("ended: DEVICE_CLOSED: ");
    setup.abandon();
    assertThat(rig.parts.seen).containsExactly("sign-in abandoned");
    assertNothingIsLeft();
  }

  @Test
  void timesOutASilentDevice() {
    plaintext();
    rig.parts.pass(EmbeddedParts.NEGOTIATION);
    assertThat(ChannelText.heard(rig.device))
        .isEqualTo("421 4.3.0 no complete command in time\r\n");
    assertThat(rig.end.told)
        .containsExactly("conversation ended: NEGOTIATION_TIMEOUT: no complete command in time");
  }

  @Test
  void aDeviceDoesNotTimeOutDuringItsSignIn() {
    plaintext();
    dial();
    rig.parts.pass(EmbeddedParts.NEGOTIATION.multipliedBy(2));
    assertThat(rig.device.outboundMessages()).isEmpty();
    assertThat(rig.end.told).isEmpty();
  }

  @Test
  void aFailedHandshakeOfTheDeviceEndsTheSession() {
    underTls();
    rig.deviceLeaves();
    assertThat(rig.end.told)
        .containsExactly("ended: DEVICE_HANDSHAKE_FAILED: the device closed the connection");
    assertThat(rig.parts.seen).containsExactly("device handshake closed");
    setup.abandon();
    assertNothingIsLeft();
  }

  @Test
  void sendsALastReplyAfterTheHandshake() {
    TlsPeer device = underTls();
    assertThat(setup.sendLastReply("the proxy is shutting down"))
        .as("during the handshake")
        .isFalse();
    assertThat(device.heard()).startsWith("220 ");
    assertThat(setup.sendLastReply("the proxy is shutting down")).isTrue();
    assertThat(device.heard()).isEqualTo("421 4.3.0 the proxy is shutting down\r\n");
  }

  @Test
  void anAbandonedSignInDoesNotTimeOut() {
    plaintext();
    setup.abandon();
    rig.parts.pass(EmbeddedParts.NEGOTIATION);
    assertThat(rig.end.told).as("no timeout").isEmpty();
    assertThat(rig.parts.seen).as("there was no attempt").isEmpty();
  }

  @Test
  void anAbandonedSignInIgnoresTheAccount() {
    plaintext();
    rig.deviceSays(AUTH);
    setup.abandon();
    assertThat(desk.account.isCancelled()).isTrue();
    rig.parts.run();
    assertAbandoned();
  }

  @Test
  void anAbandonedSignInReturnsItsPermit() {
    plaintext();
    rig.deviceSays(AUTH);
    desk.knows();
    rig.parts.run();
    assertThat(desk.permits).isEqualTo(1);
    setup.abandon();
    assertThat(desk.permits).isZero();
    desk.givesPermit();
    rig.parts.run();
    assertAbandoned();
  }

  @Test
  void anAbandonedSignInIgnoresTheToken() {
    plaintext();
    rig.deviceSays(AUTH);
    desk.knows();
    rig.parts.run();
    desk.givesPermit();
    rig.parts.run();
    setup.abandon();
    desk.issuesToken();
    rig.parts.run();
    assertThat(rig.parts.lookups).isEmpty();
    assertAbandoned();
  }

  @Test
  void anAbandonedSignInGivesUpItsDial() {
    plaintext();
    dial();
    setup.abandon();
    assertAbandoned();
  }

  @Test
  void anAbandonedSignInClosesAnOriginInItsHandshake() {
    plaintext();
    dial();
    rig.parts.resolve();
    assertThat(rig.parts.origin().isOpen()).isTrue();
    setup.abandon();
    assertAbandoned();
  }

  @Test
  void anAbandonedSignInClosesAnOriginThatHasTheToken() {
    plaintext();
    TlsPeer origin = present();
    setup.abandon();
    origin.says("235 2.7.0 Accepted\r\n");
    assertAbandoned();
  }

  @Test
  void anAbandonedSignInClosesAnOriginThatWasOpened() {
    plaintext();
    present().says("235 2.7.0 Accepted\r\n");
    setup.abandon();
    assertThat(rig.end.told).containsExactly("opened");
    assertNothingIsLeft();
  }

  private void assertAbandoned() {
    assertThat(rig.end.told).isEmpty();
    assertThat(rig.parts.seen).containsExactly("sign-in abandoned");
    assertThat(rig.device.outboundMessages()).isEmpty();
    assertNothingIsLeft();
  }
}
