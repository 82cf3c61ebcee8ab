package org.tlsuplift.proxy.context;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.DeviceHandshake;
import org.tlsuplift.proxy.model.DeviceSignIn;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.SessionId;
import org.tlsuplift.proxy.model.SessionObserver;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;
import org.tlsuplift.proxy.outcome.MessageRefusal;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.proxy.outcome.SignInOutcome;

/** A session that goes wrong leaves one line with a remedy. */
class SessionLogTest {
  private static final HostPort TARGET = new HostPort("outlook.office365.com", 443);
  private static final Set<CloseReason> NORMAL =
      EnumSet.of(CloseReason.DEVICE_CLOSED, CloseReason.ORIGIN_CLOSED, CloseReason.SHUTDOWN);

  /** Failures that the handshake's outcome explains. */
  private static final Set<CloseReason> OF_HANDSHAKE =
      EnumSet.of(
          CloseReason.DEVICE_HANDSHAKE_FAILED, CloseReason.NOT_TLS, CloseReason.MALFORMED_HELLO);

  @AutoClose private final LoggedSessions log = new LoggedSessions();

  private static SessionReporter report(String listener, String device) throws Exception {
    return new SessionReporter(
        new SessionFacts(
            new SessionId(42),
            listener,
            new InetSocketAddress(InetAddress.getByName(device), 49152),
            null),
        new SessionObserver() {});
  }

  private static SessionReporter report() throws Exception {
    SessionReporter report = report("web", "10.1.2.3");
    report.negotiated(TARGET);
    return report;
  }

  private void end(SessionReporter report, CloseReason reason, Explanation why) {
    report.closed(reason, why, 0, 0, false);
  }

  private String onlyLine() {
    assertThat(log.lines()).hasSize(1);
    String line = log.lines().get(0);
    assertThat(line).hasSizeLessThanOrEqualTo(SessionLine.MAX_LENGTH);
    return line;
  }

  private void assertRemedy(String remedy) {
    assertThat(remedy).isNotEmpty();
    String line = onlyLine();
    assertThat(line).contains("; " + remedy + " ");
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.EXCLUDE,
      names = {"DEVICE_CLOSED", "ORIGIN_CLOSED", "SHUTDOWN", "DEVICE_HANDSHAKE_FAILED"})
  void everyReasonThatMeansAFailureHasARemedy(CloseReason reason) throws Exception {
    end(report(), reason, Explanation.of("c".repeat(300)));
    assertRemedy(reason.remedy());
    assertThat(onlyLine())
        .startsWith("session ended: c")
        .contains("reason=\"" + reason.label() + "\" device=\"10.1.2.3\"")
        .endsWith(" target=\"outlook.office365.com:443\" listener=\"web\" session=\"0000002a\"");
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.EXCLUDE,
      names = {"COMPLETED"})
  void everyFailedHandshakeHasTheRemedyOfItsOutcome(HandshakeOutcome outcome) throws Exception {
    for (CloseReason reason : OF_HANDSHAKE) {
      log.events().clear();
      SessionReporter report = report();
      report.noDeviceHandshake(outcome, Explanation.of("it failed"));
      end(report, reason, Explanation.of("it failed"));
      assertRemedy(outcome.remedy());
      assertThat(onlyLine()).contains(" handshake=\"" + outcome.label() + "\"");
    }
  }

  @ParameterizedTest
  @EnumSource
  void theBoundsHoldWithTheLongestNames(CloseReason reason) throws Exception {
    SessionReporter report = report("l".repeat(300), "2001:db8:1111:2222:3333:4444:5555:6666");
    report.negotiated(new HostPort(("t".repeat(60) + ".").repeat(4) + "example", 65535));
    report.noDeviceHandshake(HandshakeOutcome.CERTIFICATE_REJECTED, Explanation.NONE);
    end(report, reason, new Explanation("c\n".repeat(900), "", "d".repeat(900)));
    assertThat(log.lines())
        .hasSize(reason == CloseReason.DEVICE_CLOSED || reason == CloseReason.ORIGIN_CLOSED ? 0 : 1)
        .allSatisfy(
            line ->
                assertThat(line)
                    .hasSizeLessThanOrEqualTo(SessionLine.MAX_LENGTH)
                    .contains("device=\"2001:db8:1111:2222:3333:4444:5555:6666\"")
                    .endsWith(" session=\"0000002a\""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ORIGIN_HANDSHAKE_FAILED   | the origin failed with an internal error; its key may be P-521, which TLS 1.3 cannot use here | check the origin's log; 'tls-uplift probe' shows the key, which should be RSA or P-256
          ORIGIN_CERTIFICATE_INVALID | the origin's certificate is for other names than the endpoint list has for 203.0.113.20:443 | run 'tls-uplift endpoints refresh', or look for a device that inspects TLS on the way
          NEGOTIATION_REFUSED       | the device sent neither HTTP nor TLS, and this port expects 'CONNECT host:port' | set this address as HTTP proxy in the device, or use 'accept: fixed'
          ORIGIN_CERTIFICATE_INVALID | the origin sends more than 7 intermediate certificates, or an untrusted issuer | install a shorter chain on the origin: the first 8 certificates are read
          DEVICE_HANDSHAKE_FAILED   | the device offers no cipher suite that the listener allows | update the device, or use a listener whose profile allows what it offers
          DEVICE_HANDSHAKE_FAILED   | the device sent alert 46 (certificate_unknown) | append missing intermediate certificates to 'certificate', or use an issuer that the device knows
          """)
  void showsTheWholeCauseAndEveryField(CloseReason reason, String cause, String remedy)
      throws Exception {
    for (String device : new String[] {"192.168.100.200", "2001:db8:0:12::a1b2"}) {
      log.events().clear();
      SessionReporter report = report("second-floor", device);
      report.negotiated(TARGET);
      if (OF_HANDSHAKE.contains(reason)) {
        report.noDeviceHandshake(HandshakeOutcome.CERTIFICATE_REJECTED, Explanation.NONE);
      }
      end(report, reason, Explanation.of(cause, remedy));
      assertThat(onlyLine())
          .startsWith("session ended: " + cause + "; " + remedy + " reason=")
          .contains(" target=\"outlook.office365.com:443\" listener=\"second-floor\" session=");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Connection refused", "no response in time", "No route to host"})
  void showsWhyAnOriginIsUnreachable(String cause) throws Exception {
    String address = "2001:db8:1111:2222:3333:4444:5555:6666";
    SessionReporter report = report("l".repeat(100), address);
    report.negotiated(new HostPort("t".repeat(60) + ".example", 65535));
    end(
        report,
        CloseReason.ORIGIN_UNREACHABLE,
        Explanation.of(cause + " (" + address + ", " + address + ")"));
    assertThat(onlyLine()).startsWith("session ended: " + cause + " (");
  }

  /** A fault of TLS at a listener for HTTPS has the same reason as ambiguous mail. */
  @ParameterizedTest
  @EnumSource
  void onlyRefusedMessagesAdviseAboutLineEnds(CloseReason reason) {
    assertThat(reason.remedy()).doesNotContain("CR LF");
    assertThat(MessageRefusal.AMBIGUOUS_END.remedy()).contains("CR LF");
  }

  @Test
  void noRemedyIsCut() {
    assertThat(
            Stream.of(
                    Arrays.stream(CloseReason.values()).map(CloseReason::remedy),
                    Arrays.stream(HandshakeOutcome.values()).map(HandshakeOutcome::remedy),
                    Arrays.stream(SignInOutcome.values()).map(SignInOutcome::remedy),
                    Arrays.stream(OriginReply.values()).map(OriginReply::remedy),
                    Arrays.stream(OriginReply.values()).map(OriginReply::signInRemedy))
                .flatMap(each -> each))
        .allSatisfy(remedy -> assertThat(remedy).hasSizeLessThanOrEqualTo(SessionLine.MAX_TEXT));
  }

  @ParameterizedTest
  @EnumSource(names = {"DEVICE_CLOSED", "ORIGIN_CLOSED"})
  void aNormalEndIsNotLogged(CloseReason reason) throws Exception {
    end(report(), reason, Explanation.NONE);
    assertThat(log.lines()).isEmpty();
  }

  @Test
  void aPortProbeIsNotLogged() throws Exception {
    end(report("web", "10.1.2.3"), CloseReason.DEVICE_RESET, Explanation.of("Connection reset"));
    assertThat(log.lines()).isEmpty();
  }

  @Test
  void deviceThatClosesForACauseWithARemedyIsLoggedAsAWarning() throws Exception {
    end(report(), CloseReason.DEVICE_CLOSED, Explanation.of("it does not encrypt", "switch it on"));
    assertRemedy("switch it on");
    assertThat(log.events()).extracting(ILoggingEvent::getLevel).containsExactly(Level.WARN);
  }

  @Test
  void specificRemedyComesBeforeThatOfTheReason() throws Exception {
    end(report(), CloseReason.NO_ROUTE, Explanation.of("no route allows it", "do this"));
    assertRemedy("do this");
  }

  @Test
  void listsAreInTheDebugLineOnly() throws Exception {
    try (LoggedSessions all = new LoggedSessions(Level.DEBUG)) {
      SessionReporter report = report();
      report.helloReceived(hello());
      report.decided(org.tlsuplift.proxy.model.Action.BRIDGE);
      Explanation why = new Explanation("it failed", "repair it", "the listener allows A, B, C");
      report.noDeviceHandshake(HandshakeOutcome.NO_SHARED_CIPHER, why);
      end(report, CloseReason.DEVICE_HANDSHAKE_FAILED, why);
      assertThat(all.lines().get(0)).doesNotContain("allows", "offered", "TLS_RSA");
      assertThat(all.lines().get(1))
          .startsWith("session ended reason=\"device_handshake_failed\"")
          .contains(" action=\"bridge\" handshake=\"no_shared_cipher\"")
          .contains(" detail=\"it failed; repair it; the listener allows A, B, C\"")
          .contains(" offered=\"TLSv1; TLS_RSA_WITH_AES_128_CBC_SHA");
      assertThat(all.lines()).hasSize(2);
    }
  }

  private static ClientHello hello() {
    return new ClientHello(
        ClientHello.Framing.TLS,
        List.of(TlsVersion.TLS_1_0),
        IntStream.range(0x2f, 0x60).boxed().toList(),
        null,
        false,
        List.of(),
        List.of(),
        List.of(),
        false,
        100,
        "t10i490000");
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.EXCLUDE,
      names = {"SIGNED_IN", "ABANDONED"})
  void aFailedSignInIsExplainedOnce(SignInOutcome outcome) throws Exception {
    SessionReporter report = report();
    Explanation why = Explanation.of("its answer is 'no'");
    report.signedIn(signIn(outcome, why), why);
    end(report, CloseReason.SIGN_IN_FAILED, why);
    assertRemedy(outcome.remedy());
    assertThat(onlyLine())
        .startsWith("sign-in ended: its answer is 'no'; ")
        .contains(" protocol=\"smtp\" outcome=\"" + outcome.label() + "\"", " mailbox=\"");
  }

  @ParameterizedTest
  @EnumSource
  void aKnownSignInRefusalIsLoggedWithItsRemedy(OriginReply reply) throws Exception {
    SessionReporter report = report();
    Explanation why = Explanation.of("its answer is '535'");
    report.signInRefused(MailProtocol.SMTP, reply);
    report.signedIn(signIn(SignInOutcome.ORIGIN_REFUSED, why), why);
    end(report, CloseReason.SIGN_IN_FAILED, why);
    assertRemedy(reply.signInRemedy());
  }

  @Test
  void anotherFailureAfterASignInIsLoggedSeparately() throws Exception {
    SessionReporter report = report();
    Explanation why = Explanation.of("no such login");
    report.signedIn(signIn(SignInOutcome.BAD_CREDENTIALS, why), why);
    end(report, CloseReason.NEGOTIATION_REFUSED, Explanation.of("more than 64 commands"));
    assertThat(log.lines()).hasSize(2);
  }

  private static DeviceSignIn signIn(SignInOutcome outcome, Explanation why) {
    return new DeviceSignIn(
        MailProtocol.SMTP, outcome, "printers@contoso.example", false, why.text());
  }

  @ParameterizedTest
  @EnumSource
  void aRefusalOfTheOriginIsExplainedOnce(OriginReply reply) throws Exception {
    SessionReporter report = report();
    report.originReplied(MailProtocol.SMTP, reply);
    report.originReplied(MailProtocol.SMTP, reply);
    end(report, CloseReason.ORIGIN_REFUSED, Explanation.of("its greeting is '" + reply + "'"));
    assertRemedy(reply.remedy());
    assertThat(onlyLine()).contains(" reply=\"" + reply.label() + "\"");
  }

  @Test
  void anyRefusedSignInIsExplainedOnce() throws Exception {
    SessionReporter report = report();
    report.deviceSignInRefused("535");
    report.deviceSignInRefused("535");
    end(report, CloseReason.DEVICE_CLOSED, Explanation.NONE);
    assertThat(onlyLine())
        .startsWith(
            "origin refused: the reply is 535; check the user name and password in the device")
        .contains(" reply=\"535\"", " target=\"outlook.office365.com:443\"");
  }

  @ParameterizedTest
  @EnumSource
  void aRefusedMessageHasARemedy(MessageRefusal refusal) throws Exception {
    report().messageRefused(refusal, "m".repeat(300), "c".repeat(300));
    assertThat(onlyLine())
        .containsPattern("\\.\\.\\.; [a-z: ]{20,}")
        .contains(" refusal=\"" + refusal.label() + "\"");
  }

  @Test
  void plaintextHasARemedy() throws Exception {
    report().plaintextAccepted(MailProtocol.SMTP);
    assertThat(onlyLine()).contains("; enable TLS or STARTTLS in the device ");
  }

  @Test
  void anUnusedSessionIsLoggedAsAPossiblyUntrustedCa() throws Exception {
    SessionReporter report = report();
    report.deviceHandshake(
        new DeviceHandshake(
            HandshakeOutcome.COMPLETED,
            new TlsParameters(TlsVersion.TLS_1_0, "TLS_RSA_WITH_AES_128_CBC_SHA", null),
            Duration.ZERO,
            ""));
    report.closed(CloseReason.DEVICE_CLOSED, Explanation.NONE, 0, 0, true);
    assertRemedy(CloseReason.DEVICE_CLOSED_UNUSED.remedy());
    assertThat(onlyLine()).contains("may not trust the CA");
  }

  @Test
  void onlyNormalEndsHaveNoRemedy() {
    assertThat(CloseReason.values())
        .filteredOn(reason -> reason.remedy().isEmpty())
        .containsExactlyInAnyOrderElementsOf(NORMAL);
  }
}
