package org.tlsuplift.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.MailService.DeviceTls;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.proxy.testing.MailOriginServer;
import org.tlsuplift.proxy.testing.MailTalk;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.Uplift;

/** Mail with real handshakes, in every combination of ways to start TLS. */
@Timeout(300)
class MailTest {
  @AutoClose private final MailRig rig = new MailRig();

  @ParameterizedTest
  @CsvSource({
    "STARTTLS,STARTTLS",
    "STARTTLS,IMPLICIT",
    "IMPLICIT,STARTTLS",
    "IMPLICIT,IMPLICIT",
    "OPTIONAL,STARTTLS",
    "OPTIONAL,IMPLICIT"
  })
  void startsTlsOnBothSidesInEveryForm(DeviceTls deviceTls, OriginTls originTls) throws Exception {
    MailOriginServer origin = rig.add(new MailOriginServer(talk -> smtp(talk, originTls)));
    Uplift uplift = start(MailProtocol.SMTP, deviceTls, originTls, false, origin);

    if (deviceTls != DeviceTls.IMPLICIT) {
      try (MailTalk device = MailTalk.to(uplift.fixed())) {
        assertThat(device.hear()).startsWith("220 localhost ");
        assertThat(device.askUntil("EHLO printer", "250 "))
            .contains("250-SIZE 1000\n", "250-PIPELINING\n", "250 STARTTLS\n")
            .doesNotContain("AUTH");
        assertThat(device.ask("STARTTLS")).startsWith("220 ");
        device.startTls("localhost", MailRig.TRUSTING, MailRig.TLS_1_0);
        converse(device);
      }
    }
    if (deviceTls != DeviceTls.STARTTLS) {
      try (MailTalk device =
          MailTalk.tls(uplift.fixed(), "localhost", MailRig.TRUSTING, MailRig.TLS_1_0)) {
        assertThat(device.hear()).startsWith("220 ");
        converse(device);
      }
    }
    assertThat(origin.failures).isEmpty();
    await()
        .untilAsserted(
            () ->
                assertThat(uplift.observer.closed)
                    .hasSize(deviceTls == DeviceTls.OPTIONAL ? 2 : 1)
                    .allSatisfy(MailTest::isAnUpgrade));
    assertThat(uplift.observer.introductions)
        .as("each name of a device is reported once, before or after TLS begins")
        .containsExactlyElementsOf(
            Collections.nCopies(deviceTls == DeviceTls.OPTIONAL ? 2 : 1, "printer"));
  }

  private static void converse(MailTalk device) throws Exception {
    assertThat(device.version()).isEqualTo(MailRig.TLS_1_0);
    assertThat(device.askUntil("EHLO printer", "250 "))
        .contains("250-AUTH PLAIN LOGIN\n", "origin saw EHLO printer over TLSv1.2")
        .doesNotContain("STARTTLS");
    assertThat(device.ask("QUIT")).isEqualTo("221 bye");
    assertThat(device.atEnd()).isTrue();
  }

  private static void isAnUpgrade(SessionSummary summary) {
    assertThat(summary.action()).isEqualTo(Action.BRIDGE);
    assertThat(summary.reason()).isEqualTo(CloseReason.ORIGIN_CLOSED);
    assertThat(summary.deviceHandshake().agreed().version().isLegacy()).isTrue();
    assertThat(summary.originHandshake().agreed().version().label()).isEqualTo(MailRig.TLS_1_2);
  }

  @Test
  void bridgesImap() throws Exception {
    MailOriginServer origin =
        rig.add(
            new MailOriginServer(
                talk -> {
                  talk.say("* OK ready");
                  String asked = talk.hear();
                  talk.say("* CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN IDLE");
                  talk.say(asked.split(" ", 2)[0] + " OK done");
                  talk.say(talk.hear().split(" ", 2)[0] + " OK go");
                  talk.acceptTls(MailRig.SERVING, MailRig.TLS_1_2);
                  talk.say(talk.hear() + " heard");
                }));
    Uplift uplift = start(MailProtocol.IMAP, DeviceTls.STARTTLS, OriginTls.STARTTLS, false, origin);
    try (MailTalk device = MailTalk.to(uplift.fixed())) {
      assertThat(device.hear()).startsWith("* OK ");
      assertThat(device.askUntil("x1 CAPABILITY", "x1 "))
          .isEqualTo(
              "* CAPABILITY IMAP4rev1 IDLE STARTTLS LOGINDISABLED\nx1 OK CAPABILITY completed\n");
      assertThat(device.ask("x2 STARTTLS")).startsWith("x2 OK ");
      device.startTls("localhost", MailRig.TRUSTING, MailRig.TLS_1_0);
      assertThat(device.ask("x3 LOGIN a b")).isEqualTo("x3 LOGIN a b heard");
    }
  }

  @Test
  void bridgesPop3() throws Exception {
    MailOriginServer origin =
        rig.add(
            new MailOriginServer(
                talk -> {
                  talk.say("+OK ready");
                  talk.hear();
                  talk.say("+OK list");
                  talk.say("TOP").say("SASL PLAIN").say("STLS").say(".");
                  talk.hear();
                  talk.say("+OK go");
                  talk.acceptTls(MailRig.SERVING, MailRig.TLS_1_2);
                  talk.say(talk.hear() + " heard");
                }));
    Uplift uplift = start(MailProtocol.POP3, DeviceTls.STARTTLS, OriginTls.STARTTLS, false, origin);
    try (MailTalk device = MailTalk.to(uplift.fixed())) {
      assertThat(device.hear()).startsWith("+OK ");
      assertThat(device.askUntil("CAPA", "."))
          .isEqualTo("+OK Capability list follows\nTOP\nSTLS\n.\n");
      assertThat(device.ask("STLS")).startsWith("+OK ");
      device.startTls("localhost", MailRig.TRUSTING, MailRig.TLS_1_0);
      assertThat(device.ask("USER a")).isEqualTo("USER a heard");
    }
  }

  @Test
  void acceptsStartTlsAfterHeloWithoutEhlo() throws Exception {
    MailOriginServer origin = rig.add(new MailOriginServer(talk -> smtp(talk, OriginTls.STARTTLS)));
    Uplift uplift = start(MailProtocol.SMTP, DeviceTls.STARTTLS, OriginTls.STARTTLS, false, origin);
    try (MailTalk device = MailTalk.to(uplift.fixed())) {
      device.hear();
      assertThat(device.ask("HELO old")).isEqualTo("250 localhost");
      assertThat(device.ask("NOOP")).startsWith("250 ");
      assertThat(device.ask("RSET")).startsWith("250 ");
      assertThat(device.ask("AUTH LOGIN")).startsWith("530 5.7.0 ");
      assertThat(device.ask("MAIL FROM:<a@example.test>")).startsWith("530 ");
      assertThat(device.ask("STARTTLS")).startsWith("220 ");
      device.startTls("localhost", MailRig.TRUSTING, MailRig.TLS_1_0);
      converse(device);
    }
  }

  @Test
  void tunnelsAModernDeviceAfterStartTls() throws Exception {
    MailOriginServer origin = rig.add(new MailOriginServer(talk -> smtp(talk, OriginTls.STARTTLS)));
    Uplift uplift = start(MailProtocol.SMTP, DeviceTls.STARTTLS, OriginTls.STARTTLS, false, origin);
    try (MailTalk device = MailTalk.to(uplift.fixed())) {
      device.hear();
      assertThat(device.ask("STARTTLS")).startsWith("220 ");
      device.startTls("localhost", MailRig.ORIGINS.trusting(), MailRig.TLS_1_2);
      assertThat(device.askUntil("EHLO modern", "250 ")).contains("EHLO modern over TLSv1.2");
      device.ask("QUIT");
    }
    await()
        .untilAsserted(
            () ->
                assertThat(uplift.observer.closed)
                    .singleElement()
                    .extracting(SessionSummary::action)
                    .isEqualTo(Action.TUNNEL));
  }

  @Test
  void bridgesAModernDeviceThatUsesAnotherNameOfTheListener() throws Exception {
    rig.settings.serverNames = List.of("uplift.example.test");
    MailOriginServer origin = rig.add(new MailOriginServer(talk -> smtp(talk, OriginTls.STARTTLS)));
    Uplift uplift = start(MailProtocol.SMTP, DeviceTls.STARTTLS, OriginTls.STARTTLS, false, origin);
    try (MailTalk device = MailTalk.to(uplift.fixed())) {
      device.hear();
      assertThat(device.ask("STARTTLS")).startsWith("220 ");
      device.startTls("uplift.example.test", MailRig.TRUSTING, MailRig.TLS_1_2);
      assertThat(device.askUntil("EHLO modern", "250 ")).contains("EHLO modern over TLSv1.2");
    }
  }

  @Test
  void bridgesAModernDeviceWhereATunnelIsImpossible() throws Exception {
    MailOriginServer origin = rig.add(new MailOriginServer(talk -> smtp(talk, OriginTls.IMPLICIT)));
    Uplift uplift = start(MailProtocol.SMTP, DeviceTls.STARTTLS, OriginTls.IMPLICIT, false, origin);
    try (MailTalk device = MailTalk.to(uplift.fixed())) {
      device.hear();
      assertThat(device.ask("STARTTLS")).startsWith("220 ");
      device.startTls("localhost", MailRig.TRUSTING, MailRig.TLS_1_2);
      assertThat(device.askUntil("EHLO modern", "250 ")).contains("EHLO modern over TLSv1.2");
    }
  }

  @Test
  void servesAPlaintextDeviceIfAllowed() throws Exception {
    MailOriginServer origin = rig.add(new MailOriginServer(talk -> smtp(talk, OriginTls.STARTTLS)));
    Uplift uplift = start(MailProtocol.SMTP, DeviceTls.OPTIONAL, OriginTls.STARTTLS, true, origin);
    try (MailTalk device = MailTalk.to(uplift.fixed())) {
      device.hear();
      assertThat(device.askUntil("EHLO plain", "250 "))
          .contains("250-AUTH PLAIN LOGIN\n", "250 STARTTLS\n");
      assertThat(device.ask("AUTH PLAIN AGEAYg==")).isEqualTo("235 in as plain");
      assertThat(device.ask("QUIT")).isEqualTo("221 bye");
      assertThat(device.atEnd()).isTrue();
    }
    assertThat(uplift.observer.plaintext).containsExactly(MailProtocol.SMTP);
    await()
        .untilAsserted(
            () ->
                assertThat(uplift.observer.closed)
                    .singleElement()
                    .satisfies(
                        summary -> {
                          assertThat(summary.deviceHandshake()).isNull();
                          assertThat(summary.originHandshake().agreed().version().label())
                              .isEqualTo(MailRig.TLS_1_2);
                          assertThat(summary.reason()).isEqualTo(CloseReason.ORIGIN_CLOSED);
                        }));
  }

  @ParameterizedTest
  @CsvSource({"IMAP,x1 CAPABILITY,x1 OK,x2 LOGIN a b", "POP3,CAPA,.,USER a"})
  void plaintextMailboxDeviceGetsItsCapabilitiesOnce(
      MailProtocol protocol, String list, String end, String signIn) throws Exception {
    MailOriginServer origin =
        rig.add(
            new MailOriginServer(
                talk -> {
                  agree(talk, protocol);
                  talk.acceptTls(MailRig.SERVING, MailRig.TLS_1_2);
                  offer(talk, protocol, "X-ANY");
                  talk.say(talk.hear() + " heard");
                }));
    Uplift uplift = start(protocol, DeviceTls.OPTIONAL, OriginTls.STARTTLS, true, origin);
    try (MailTalk device = MailTalk.to(uplift.fixed())) {
      device.hear();
      assertThat(device.askUntil(list, end)).contains("X-ANY");
      assertThat(device.ask(signIn)).isEqualTo(signIn + " heard");
    }
  }

  @Test
  void acceptsStartTlsWherePlaintextIsAllowed() throws Exception {
    MailOriginServer origin = rig.add(new MailOriginServer(talk -> smtp(talk, OriginTls.STARTTLS)));
    Uplift uplift = start(MailProtocol.SMTP, DeviceTls.OPTIONAL, OriginTls.STARTTLS, true, origin);
    try (MailTalk device = MailTalk.to(uplift.fixed())) {
      device.hear();
      assertThat(device.ask("STARTTLS")).startsWith("220 ");
      device.startTls("localhost", MailRig.TRUSTING, MailRig.TLS_1_0);
      converse(device);
    }
    assertThat(uplift.observer.plaintext).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"SMTP,STARTTLS", "IMAP,a STARTTLS", "POP3,STLS"})
  void endsASessionWithPlaintextAfterStartTls(MailProtocol protocol, String command)
      throws Exception {
    MailOriginServer origin = rig.add(new MailOriginServer(talk -> agree(talk, protocol)));
    Uplift uplift = start(protocol, DeviceTls.STARTTLS, OriginTls.STARTTLS, false, origin);
    try (MailTalk device = MailTalk.to(uplift.fixed())) {
      device.hear();
      device.send(command + "\r\nRSET\r\n");
      assertThat(device.hear()).contains("plaintext after");
      assertThat(device.atEnd()).isTrue();
    }
    assertThat(reason(uplift)).isEqualTo(CloseReason.PLAINTEXT_AFTER_STARTTLS);
  }

  @ParameterizedTest
  @CsvSource({"SMTP,STARTTLS", "IMAP,a STARTTLS", "POP3,STLS"})
  void endsASessionWithPlaintextInsteadOfAHello(MailProtocol protocol, String command)
      throws Exception {
    MailOriginServer origin = rig.add(new MailOriginServer(talk -> agree(talk, protocol)));
    Uplift uplift = start(protocol, DeviceTls.STARTTLS, OriginTls.STARTTLS, false, origin);
    try (MailTalk device = MailTalk.to(uplift.fixed())) {
      device.hear();
      device.ask(command);
      device.say("EHLO again");
      assertThat(device.atEnd()).isTrue();
    }
    assertThat(reason(uplift)).isEqualTo(CloseReason.PLAINTEXT_AFTER_STARTTLS);
  }

  /** TLS that is too old or malformed is refused and never treated as plaintext. */
  @ParameterizedTest
  @ValueSource(
      strings = {"802e0100020015000000100100800200800300800400800600400700c0", "15030100020228"})
  void doesNotReportOldHelloFormsAsInjectedPlaintext(String bytes) throws Exception {
    MailOriginServer origin = rig.add(new MailOriginServer(talk -> agree(talk, MailProtocol.SMTP)));
    Uplift uplift = start(MailProtocol.SMTP, DeviceTls.STARTTLS, OriginTls.STARTTLS, false, origin);
    try (MailTalk device = MailTalk.to(uplift.fixed())) {
      device.hear();
      device.ask("STARTTLS");
      device.send(new String(HexFormat.of().parseHex(bytes), StandardCharsets.ISO_8859_1));
      assertThat(device.atEnd()).isTrue();
    }
    assertThat(reason(uplift)).isEqualTo(CloseReason.NOT_TLS);
  }

  @Test
  void endsASessionWhoseOriginInjectsReplies() throws Exception {
    MailOriginServer origin =
        rig.add(
            new MailOriginServer(
                talk -> {
                  talk.say("220 ready");
                  talk.hear();
                  talk.say("250-hello").say("250 STARTTLS");
                  talk.hear();
                  talk.send("220 go\r\n250 injected\r\n");
                  talk.hear();
                }));
    Uplift uplift = start(MailProtocol.SMTP, DeviceTls.STARTTLS, OriginTls.STARTTLS, false, origin);
    try (MailTalk device = MailTalk.to(uplift.fixed())) {
      device.hear();
      assertThat(device.ask("STARTTLS")).startsWith("454 ").contains("injecting");
      assertThat(device.ask("QUIT")).startsWith("221 ");
    }
    assertThat(reason(uplift)).isEqualTo(CloseReason.PLAINTEXT_AFTER_STARTTLS);
  }

  @ParameterizedTest
  @CsvSource({
    "SMTP,STARTTLS,454 4.7.0",
    "IMAP,a STARTTLS,a NO [UNAVAILABLE]",
    "POP3,STLS,-ERR [SYS/TEMP]"
  })
  void refusesStartTlsIfTheOriginOffersNone(MailProtocol protocol, String command, String refusal)
      throws Exception {
    MailOriginServer origin =
        rig.add(
            new MailOriginServer(
                talk -> {
                  talk.say(greeting(protocol));
                  offer(talk, protocol, "SOMETHING");
                  assertThat(talk.hear()).isEmpty();
                }));
    Uplift uplift = start(protocol, DeviceTls.STARTTLS, OriginTls.STARTTLS, false, origin);
    try (MailTalk device = MailTalk.to(uplift.fixed())) {
      device.hear();
      assertThat(ask(device, protocol))
          .contains("SOMETHING", protocol == MailProtocol.POP3 ? "STLS" : "STARTTLS");
      assertThat(device.ask(command)).startsWith(refusal).contains("offers no STARTTLS");
    }
    assertThat(reason(uplift)).isEqualTo(CloseReason.ORIGIN_STARTTLS_UNAVAILABLE);
    assertThat(origin.failures).isEmpty();
  }

  @Test
  void refusesStartTlsIfTheOriginRefusesIt() throws Exception {
    MailOriginServer origin =
        rig.add(
            new MailOriginServer(
                talk -> {
                  talk.say("220 ready");
                  talk.hear();
                  talk.say("250-hello").say("250 STARTTLS");
                  talk.hear();
                  talk.say("454 4.7.0 no certificate today");
                  talk.hear();
                }));
    Uplift uplift = start(MailProtocol.SMTP, DeviceTls.STARTTLS, OriginTls.STARTTLS, false, origin);
    try (MailTalk device = MailTalk.to(uplift.fixed())) {
      device.hear();
      assertThat(device.askUntil("EHLO printer", "250 ")).contains("250 STARTTLS");
      assertThat(device.ask("STARTTLS")).startsWith("454 ").contains("no certificate today");
      assertThat(device.ask("MAIL FROM:<>")).startsWith("421 ");
      assertThat(device.atEnd()).isTrue();
    }
    assertThat(reason(uplift)).isEqualTo(CloseReason.ORIGIN_STARTTLS_UNAVAILABLE);
  }

  @ParameterizedTest
  @EnumSource(
      value = DeviceTls.class,
      names = {"IMPLICIT", "STARTTLS"})
  void deviceUnderTlsGetsTheReasonWhyTheOriginIsUntrusted(DeviceTls deviceTls) throws Exception {
    SSLContext stranger = TestAuthority.create().serving("localhost");
    MailOriginServer origin =
        rig.add(
            new MailOriginServer(
                talk -> {
                  agree(talk, MailProtocol.SMTP);
                  talk.acceptTls(stranger, MailRig.TLS_1_2);
                }));
    Uplift uplift = start(MailProtocol.SMTP, deviceTls, OriginTls.STARTTLS, false, origin);
    try (MailTalk device =
        deviceTls == DeviceTls.IMPLICIT
            ? MailTalk.tls(uplift.fixed(), "localhost", MailRig.TRUSTING, MailRig.TLS_1_0)
            : MailTalk.to(uplift.fixed())) {
      if (deviceTls == DeviceTls.STARTTLS) {
        device.hear();
        device.ask("STARTTLS");
        device.startTls("localhost", MailRig.TRUSTING, MailRig.TLS_1_0);
      }
      assertThat(device.hear()).startsWith("421 4.3.0 localhost:").contains("issuer is untrusted");
      assertThat(device.atEnd()).isTrue();
    }
    assertThat(reason(uplift)).isEqualTo(CloseReason.ORIGIN_CERTIFICATE_INVALID);
    assertThat(uplift.observer.originHandshakes).hasSize(1);
  }

  @Test
  void deviceGetsTheRefusalOfTheOrigin() throws Exception {
    MailOriginServer origin =
        rig.add(new MailOriginServer(talk -> talk.say("554 5.7.1 you are on a list")));
    Uplift uplift = start(MailProtocol.SMTP, DeviceTls.STARTTLS, OriginTls.STARTTLS, false, origin);
    try (MailTalk device = MailTalk.to(uplift.fixed())) {
      device.hear();
      assertThat(device.ask("EHLO printer")).startsWith("421 ").contains("you are on a list");
      assertThat(device.atEnd()).isTrue();
    }
    assertThat(reason(uplift)).isEqualTo(CloseReason.ORIGIN_REFUSED);
    assertThat(uplift.observer.closed.get(0).action()).isEqualTo(Action.BRIDGE);
  }

  @Test
  void timesOutASlowOrigin() throws Exception {
    rig.settings.replyTimeout = Duration.ofMillis(300);
    MailOriginServer origin =
        rig.add(
            new MailOriginServer(
                talk -> {
                  talk.send("220-slow");
                  talk.hear();
                }));
    Uplift uplift = start(MailProtocol.SMTP, DeviceTls.STARTTLS, OriginTls.STARTTLS, false, origin);
    try (MailTalk device = MailTalk.to(uplift.fixed())) {
      device.hear();
      assertThat(device.ask("EHLO printer")).startsWith("421 ").contains("no greeting in time");
    }
    assertThat(reason(uplift)).isEqualTo(CloseReason.ORIGIN_PROTOCOL_ERROR);
  }

  @Test
  void timesOutADeviceThatTrickles() throws Exception {
    rig.settings.limits =
        Uplift.limits(10, 10, Duration.ofMillis(400), Duration.ofSeconds(5), Duration.ofMinutes(1));
    MailOriginServer origin = rig.add(new MailOriginServer(talk -> {}));
    Uplift uplift = start(MailProtocol.SMTP, DeviceTls.STARTTLS, OriginTls.STARTTLS, false, origin);
    try (MailTalk device = MailTalk.to(uplift.fixed())) {
      device.hear();
      assertThat(device.ask("NOOP")).startsWith("250 ");
      device.send("E");
      await()
          .pollInterval(Duration.ofMillis(50))
          .until(
              () -> {
                if (uplift.observer.closed.isEmpty()) {
                  device.send("x");
                }
                return !uplift.observer.closed.isEmpty();
              });
      assertThat(device.hear()).startsWith("421 ").contains("in time");
    }
    assertThat(reason(uplift)).isEqualTo(CloseReason.NEGOTIATION_TIMEOUT);
  }

  @Test
  void limitsTheNumberOfCommandsBeforeTls() throws Exception {
    MailOriginServer origin = rig.add(new MailOriginServer(talk -> {}));
    Uplift uplift = start(MailProtocol.SMTP, DeviceTls.STARTTLS, OriginTls.STARTTLS, false, origin);
    try (MailTalk device = MailTalk.to(uplift.fixed())) {
      device.hear();
      for (int i = 0; i < 64; i++) {
        assertThat(device.ask("NOOP")).startsWith("250 ");
      }
      assertThat(device.ask("NOOP")).startsWith("421 ").contains("64 commands");
    }
    assertThat(reason(uplift)).isEqualTo(CloseReason.NEGOTIATION_REFUSED);
  }

  @Test
  void explainsTlsOnAPortThatGreets() throws Exception {
    MailOriginServer origin = rig.add(new MailOriginServer(talk -> {}));
    Uplift uplift = start(MailProtocol.SMTP, DeviceTls.STARTTLS, OriginTls.STARTTLS, false, origin);
    try (MailTalk device = MailTalk.to(uplift.fixed())) {
      device.hear();
      device.send("\u0016\u0003\u0001\u0000\u0005");
      assertThat(device.atEnd()).isTrue();
    }
    assertThat(reason(uplift)).isEqualTo(CloseReason.NEGOTIATION_REFUSED);
    assertThat(uplift.observer.closed.get(0).detail()).contains("downstreamTls: implicit");
  }

  @Test
  void deviceGets421WhenTheProxyShutsDown() throws Exception {
    MailOriginServer origin = rig.add(new MailOriginServer(talk -> {}));
    Uplift uplift = start(MailProtocol.SMTP, DeviceTls.STARTTLS, OriginTls.STARTTLS, false, origin);
    try (MailTalk device = MailTalk.to(uplift.fixed())) {
      device.hear();
      CompletableFuture<Integer> left =
          CompletableFuture.supplyAsync(() -> uplift.proxy().drain(Duration.ZERO));
      assertThat(device.hear()).isEqualTo("421 4.3.0 the proxy is shutting down");
      assertThat(device.atEnd()).isTrue();
      assertThat(left.get()).isEqualTo(1);
    }
    assertThat(reason(uplift)).isEqualTo(CloseReason.SHUTDOWN);
  }

  @Test
  void deviceThatWaitsForItsOriginGets421WhenTheProxyShutsDown() throws Exception {
    MailOriginServer origin = rig.add(new MailOriginServer(talk -> talk.hear()));
    Uplift uplift = start(MailProtocol.SMTP, DeviceTls.IMPLICIT, OriginTls.STARTTLS, false, origin);
    try (MailTalk device =
        MailTalk.tls(uplift.fixed(), "localhost", MailRig.TRUSTING, MailRig.TLS_1_0)) {
      await().until(() -> !uplift.observer.deviceHandshakes.isEmpty());
      CompletableFuture<Integer> left =
          CompletableFuture.supplyAsync(() -> uplift.proxy().drain(Duration.ZERO));
      assertThat(device.hear()).isEqualTo("421 4.3.0 the proxy is shutting down");
      assertThat(device.atEnd()).isTrue();
      assertThat(left.get()).isEqualTo(1);
    }
    assertThat(reason(uplift)).isEqualTo(CloseReason.SHUTDOWN);
  }

  @Test
  void aPortProbeOpensNoUpstreamConnection() throws Exception {
    List<String> dialled = new CopyOnWriteArrayList<>();
    MailOriginServer origin = rig.add(new MailOriginServer(talk -> dialled.add("dialled")));
    Uplift uplift = start(MailProtocol.SMTP, DeviceTls.STARTTLS, OriginTls.STARTTLS, false, origin);
    try (MailTalk device = MailTalk.to(uplift.fixed())) {
      device.hear();
      assertThat(device.ask("QUIT")).startsWith("221 ");
      assertThat(device.atEnd()).isTrue();
    }
    assertThat(reason(uplift)).isEqualTo(CloseReason.DEVICE_CLOSED);
    assertThat(dialled).isEmpty();
  }

  @Test
  void refusesADestinationWithoutRoute() throws Exception {
    rig.settings.routes =
        List.of(Uplift.route(Action.BRIDGE, WhenModern.TUNNEL, "example.test:25"));
    MailOriginServer origin = rig.add(new MailOriginServer(talk -> {}));
    Uplift uplift = start(MailProtocol.SMTP, DeviceTls.STARTTLS, OriginTls.STARTTLS, false, origin);
    try (MailTalk device = MailTalk.to(uplift.fixed())) {
      assertThat(device.hear()).startsWith("421 ").contains("no route allows");
      assertThat(device.atEnd()).isTrue();
    }
    assertThat(reason(uplift)).isEqualTo(CloseReason.NO_ROUTE);
  }

  @Test
  void recognisesRefusalsOfTheOriginUnderTls() throws Exception {
    MailOriginServer origin =
        rig.add(
            new MailOriginServer(
                talk -> {
                  agree(talk, MailProtocol.SMTP);
                  talk.acceptTls(MailRig.SERVING, MailRig.TLS_1_2);
                  talk.hear();
                  talk.send("535 5.7.1").send("39 Authentication unsuccessful\r\n");
                  talk.hear();
                  talk.say("535 5.7.139 once more");
                  talk.hear();
                  talk.say("550-5.7.60 SMTP; not as this").say("550 5.7.60 sender");
                  talk.hear();
                }));
    Uplift uplift = start(MailProtocol.SMTP, DeviceTls.STARTTLS, OriginTls.STARTTLS, false, origin);
    try (MailTalk device = MailTalk.to(uplift.fixed())) {
      device.hear();
      device.ask("STARTTLS");
      device.startTls("localhost", MailRig.TRUSTING, MailRig.TLS_1_0);
      assertThat(device.ask("AUTH PLAIN AGEAYg=="))
          .isEqualTo("535 5.7.139 Authentication unsuccessful");
      assertThat(device.ask("AUTH PLAIN AGEAYg==")).isEqualTo("535 5.7.139 once more");
      assertThat(device.ask("MAIL FROM:<a@example.test>")).startsWith("550-5.7.60");
      assertThat(device.hear()).startsWith("550 5.7.60");
    }
    assertThat(uplift.observer.replies)
        .containsExactly(OriginReply.SMTP_AUTH_DISABLED, OriginReply.SEND_AS_DENIED);
  }

  private Uplift start(
      MailProtocol protocol,
      DeviceTls deviceTls,
      OriginTls originTls,
      boolean allowPlaintext,
      MailOriginServer origin) {
    return rig.start(
        new MailService(protocol, deviceTls, originTls, allowPlaintext), origin.as("localhost"));
  }

  private static CloseReason reason(Uplift uplift) {
    await().until(() -> !uplift.observer.closed.isEmpty());
    return uplift.observer.closed.get(0).reason();
  }

  private static String greeting(MailProtocol protocol) {
    return switch (protocol) {
      case SMTP -> "220 ready";
      case IMAP -> "* OK ready";
      case POP3 -> "+OK ready";
    };
  }

  private static String ask(MailTalk device, MailProtocol protocol) throws Exception {
    return switch (protocol) {
      case SMTP -> device.askUntil("EHLO printer", "250 ");
      case IMAP -> device.askUntil("x CAPABILITY", "x OK");
      case POP3 -> device.askUntil("CAPA", ".");
    };
  }

  private static void offer(MailTalk talk, MailProtocol protocol, String capability)
      throws Exception {
    String asked = talk.hear();
    switch (protocol) {
      case SMTP -> talk.say("250-hello").say("250 " + capability);
      case IMAP -> talk.say("* CAPABILITY " + capability).say(asked.split(" ", 2)[0] + " OK done");
      case POP3 -> talk.say("+OK list").say(capability).say(".");
    }
  }

  /** Runs the dialogue up to the reply that accepts STARTTLS. */
  private static void agree(MailTalk talk, MailProtocol protocol) throws Exception {
    talk.say(greeting(protocol));
    offer(talk, protocol, protocol == MailProtocol.POP3 ? "STLS" : "STARTTLS");
    String asked = talk.hear();
    talk.say(
        switch (protocol) {
          case SMTP -> "220 go";
          case IMAP -> asked.split(" ", 2)[0] + " OK go";
          case POP3 -> "+OK go";
        });
  }

  /**
   * A submission server that requires TLS 1.2 and replies with what it got and in which version.
   */
  private static void smtp(MailTalk talk, OriginTls form) throws Exception {
    if (form == OriginTls.IMPLICIT) {
      talk.acceptTls(MailRig.SERVING, MailRig.TLS_1_2);
    }
    talk.say("220 origin ready");
    String name = "nobody";
    for (String line = talk.hear(); !line.isEmpty(); line = talk.hear()) {
      boolean secured = !talk.version().equals("none");
      if (line.startsWith("EHLO")) {
        name = line.substring(5);
        talk.say("250-origin").say("250-SIZE 1000").say("250-PIPELINING");
        talk.say(secured ? "250-AUTH PLAIN LOGIN" : "250-STARTTLS");
        talk.say("250 X-HEARD origin saw " + line + " over " + talk.version());
      } else if (line.equals("STARTTLS")) {
        talk.say("220 go").acceptTls(MailRig.SERVING, MailRig.TLS_1_2);
      } else if (line.startsWith("AUTH")) {
        talk.say(secured ? "235 in as " + name : "530 not in plaintext");
      } else if (line.equals("QUIT")) {
        talk.say("221 bye");
        return;
      }
    }
  }
}
