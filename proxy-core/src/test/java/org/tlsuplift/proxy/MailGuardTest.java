package org.tlsuplift.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tlsuplift.proxy.mail.LineEnds;
import org.tlsuplift.proxy.mail.MailPolicy;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.MailService.DeviceTls;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.mail.RewriteFrom;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.MailMessage;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.MessageOutcome;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.MessageRefusal;
import org.tlsuplift.proxy.testing.LenientMailOrigin;
import org.tlsuplift.proxy.testing.MailOriginServer;
import org.tlsuplift.proxy.testing.MailTalk;
import org.tlsuplift.proxy.testing.Uplift;

/** One guard on every way of an SMTP device to its origin, with real handshakes. */
@Timeout(300)
class MailGuardTest {
  @AutoClose private final MailRig rig = new MailRig();

  /** How a device and its origin start TLS. */
  private enum Way {
    STARTTLS_BOTH(DeviceTls.STARTTLS, OriginTls.STARTTLS),
    STARTTLS_TO_IMPLICIT(DeviceTls.STARTTLS, OriginTls.IMPLICIT),
    IMPLICIT_TO_STARTTLS(DeviceTls.IMPLICIT, OriginTls.STARTTLS),
    IMPLICIT_BOTH(DeviceTls.IMPLICIT, OriginTls.IMPLICIT),
    OPTIONAL_AT_ONCE(DeviceTls.OPTIONAL, OriginTls.STARTTLS),
    OPTIONAL_BY_STARTTLS(DeviceTls.OPTIONAL, OriginTls.IMPLICIT),
    PLAINTEXT(DeviceTls.OPTIONAL, OriginTls.STARTTLS),
    PLAINTEXT_TO_IMPLICIT(DeviceTls.OPTIONAL, OriginTls.IMPLICIT);

    private final DeviceTls device;
    private final OriginTls origin;

    Way(DeviceTls device, OriginTls origin) {
      this.device = device;
      this.origin = origin;
    }

    boolean isPlaintext() {
      return name().startsWith("PLAINTEXT");
    }

    /** A device that has sent EHLO, under TLS if there is any. */
    MailTalk connect(Uplift uplift, String version) throws Exception {
      boolean atOnce = device == DeviceTls.IMPLICIT || this == OPTIONAL_AT_ONCE;
      MailTalk talk =
          atOnce
              ? MailTalk.tls(uplift.fixed(), "localhost", MailRig.TRUSTING, version)
              : MailTalk.to(uplift.fixed());
      assertThat(talk.hear()).startsWith("220 ");
      if (!atOnce && !isPlaintext()) {
        assertThat(talk.ask("STARTTLS")).startsWith("220 ");
        talk.startTls("localhost", MailRig.TRUSTING, version);
      }
      return talk;
    }
  }

  private LenientMailOrigin origin(OriginTls tls) {
    return new LenientMailOrigin(MailRig.SERVING, tls == OriginTls.IMPLICIT);
  }

  private Uplift start(Way way, LenientMailOrigin origin) {
    MailOriginServer server = rig.add(new MailOriginServer(origin));
    return rig.start(
        new MailService(MailProtocol.SMTP, way.device, way.origin, way.isPlaintext()),
        server.as("localhost"));
  }

  /** Sends commands one by one, up to the data. */
  private static void begin(MailTalk device, String sender) throws Exception {
    assertThat(device.ask("MAIL FROM:<" + sender + ">")).startsWith("250 ");
    assertThat(device.ask("RCPT TO:<a@b.example>")).startsWith("250 ");
    assertThat(device.ask("DATA")).startsWith("354 ");
  }

  private static SessionSummary ended(Uplift uplift) {
    await().until(() -> !uplift.observer.closed.isEmpty());
    return uplift.observer.closed.get(0);
  }

  @ParameterizedTest
  @EnumSource
  void aMessageHidesNoOther(Way way) throws Exception {
    LenientMailOrigin origin = origin(way.origin);
    Uplift uplift = start(way, origin);
    try (MailTalk device = way.connect(uplift, MailRig.TLS_1_0)) {
      device.askUntil("EHLO printer", "250 ");
      begin(device, "scans@contoso.example");
      device.send("hello\n.\nMAIL FROM:<ceo@contoso.example>\r\nRCPT TO:<a@b.example>\r\n");
      assertThat(device.hear()).startsWith("554 5.6.0 ");
      assertThat(device.hear()).startsWith("421 4.3.0 ");
      assertThat(device.atEnd()).isTrue();
    }
    SessionSummary summary = ended(uplift);
    assertThat(summary.reason()).isEqualTo(CloseReason.DEVICE_PROTOCOL_ERROR);
    assertThat(origin.messages).isEmpty();
    assertThat(uplift.observer.refusals).containsExactly(MessageRefusal.AMBIGUOUS_END);
    assertThat(uplift.observer.messages)
        .singleElement()
        .extracting(MailMessage::outcome, MailMessage::refusal)
        .containsExactly(MessageOutcome.REFUSED, MessageRefusal.AMBIGUOUS_END);
  }

  @ParameterizedTest
  @EnumSource
  void messagesPassAfterASignInOfTheDevicesOwn(Way way) throws Exception {
    LenientMailOrigin origin = origin(way.origin);
    Uplift uplift = start(way, origin);
    try (MailTalk device = way.connect(uplift, MailRig.TLS_1_0)) {
      device.askUntil("EHLO printer", "250 ");
      assertThat(device.ask("AUTH LOGIN")).isEqualTo("334 VXNlcm5hbWU6");
      assertThat(device.ask("YQ==")).isEqualTo("334 UGFzc3dvcmQ6");
      assertThat(device.ask("UVVJVA==")).isEqualTo("235 2.7.0 in");
      begin(device, "scans@contoso.example");
      assertThat(device.ask("Subject: a\r\n\r\n..\r\n.")).isEqualTo("250 2.0.0 queued as 1");
      assertThat(device.ask("QUIT")).isEqualTo("221 bye");
      assertThat(device.atEnd()).isTrue();
    }
    assertThat(ended(uplift).reason()).isEqualTo(CloseReason.ORIGIN_CLOSED);
    assertThat(origin.messages)
        .containsExactly(List.of("scans@contoso.example", "Subject: a\r\n\r\n..\r\n"));
    assertThat(uplift.observer.messages)
        .singleElement()
        .extracting(MailMessage::outcome, MailMessage::reply)
        .containsExactly(MessageOutcome.ACCEPTED, "250 2.0.0 queued as 1");
    assertThat(uplift.observer.introductions).containsExactly("printer");
  }

  /** Everything up to the data in one write, as RFC 2920 allows. */
  @ParameterizedTest
  @EnumSource
  void pipelinedMessagesPass(Way way) throws Exception {
    LenientMailOrigin origin = origin(way.origin);
    Uplift uplift = start(way, origin);
    try (MailTalk device = way.connect(uplift, MailRig.TLS_1_0)) {
      device.askUntil("EHLO printer", "250 ");
      for (int i = 1; i <= 20; i++) {
        device.send("MAIL FROM:<" + i + "@c.example>\r\nRCPT TO:<a@b.example>\r\nDATA\r\n");
        assertThat(device.hear()).startsWith("250 ");
        assertThat(device.hear()).startsWith("250 ");
        assertThat(device.hear()).startsWith("354 ");
        device.send("x\r\n.\r\n");
        assertThat(device.hear()).isEqualTo("250 2.0.0 queued as " + i);
      }
    }
    assertThat(origin.senders()).hasSize(20).last().isEqualTo("20@c.example");
  }

  @Test
  void chunksPassUnderTls() throws Exception {
    LenientMailOrigin origin = origin(OriginTls.STARTTLS);
    Uplift uplift = start(Way.STARTTLS_BOTH, origin);
    try (MailTalk device = Way.STARTTLS_BOTH.connect(uplift, MailRig.TLS_1_0)) {
      assertThat(device.askUntil("EHLO printer", "250 ")).contains("250-CHUNKING\n");
      device.ask("MAIL FROM:<a@c.example>");
      device.ask("RCPT TO:<a@b.example>");
      device.send("BDAT 9 LAST\r\na\n.\nb\r\n.\r\nQUIT\r\n".replace("b\r\n.\r\n", "b\r\n.x"));
      assertThat(device.hear()).isEqualTo("250 2.0.0 queued as chunk");
    }
    assertThat(origin.messages).containsExactly(List.of("a@c.example", "a\n.\nb\r\n.x"));
  }

  @Test
  void aDeviceWithoutTlsSeesOnlyCapabilitiesItCanUse() throws Exception {
    rig.settings.mailPolicy =
        new MailPolicy(List.of(), List.of(), 0, 5000, 0, 0, LineEnds.PASS, null);
    Uplift uplift = start(Way.PLAINTEXT, origin(OriginTls.STARTTLS));
    try (MailTalk device = Way.PLAINTEXT.connect(uplift, MailRig.TLS_1_0)) {
      assertThat(device.askUntil("EHLO printer", "250 "))
          .contains("250-SIZE 5000\n", "250-AUTH LOGIN\n", "250 STARTTLS\n")
          .doesNotContain("CHUNKING");
      assertThat(device.ask("MAIL FROM:<a@b.example> SIZE=5001")).startsWith("552 5.3.4 ");
      device.send("BDAT 3 LAST\r\nabc");
      assertThat(device.hear()).startsWith("502 5.5.1 ");
    }
  }

  /** Its messages could not be checked in a tunnel. */
  @Test
  void aModernDeviceIsBridgedIfThereAreMailRules() throws Exception {
    rig.settings.mailPolicy =
        new MailPolicy(List.of("@contoso.example"), List.of(), 0, 0, 0, 0, LineEnds.PASS, null);
    Uplift uplift = start(Way.STARTTLS_BOTH, origin(OriginTls.STARTTLS));
    try (MailTalk device = Way.STARTTLS_BOTH.connect(uplift, MailRig.TLS_1_2)) {
      device.askUntil("EHLO printer", "250 ");
      assertThat(device.ask("MAIL FROM:<x@y.example>")).startsWith("550 5.7.60 ");
    }
    assertThat(ended(uplift).action()).isEqualTo(Action.BRIDGE);
    assertThat(uplift.observer.refusals).containsExactly(MessageRefusal.SENDER_NOT_ALLOWED);
  }

  /** All sessions of a device count together. */
  @Test
  void theMessagesOfADeviceAreCounted() throws Exception {
    rig.settings.mailPolicy = new MailPolicy(List.of(), List.of(), 0, 0, 2, 0, LineEnds.PASS, null);
    Uplift uplift = start(Way.IMPLICIT_BOTH, origin(OriginTls.IMPLICIT));
    for (int i = 0; i < 3; i++) {
      try (MailTalk device = Way.IMPLICIT_BOTH.connect(uplift, MailRig.TLS_1_0)) {
        device.askUntil("EHLO printer", "250 ");
        assertThat(device.ask("MAIL FROM:<a@b.example>"))
            .startsWith(i < 2 ? "250 2.1.0 " : "450 4.7.1 ");
      }
    }
  }

  @Test
  void aMessageIsRepairedAndItsSenderReplaced() throws Exception {
    rig.settings.mailPolicy =
        new MailPolicy(
            List.of(),
            List.of(),
            0,
            0,
            0,
            0,
            LineEnds.REPAIR,
            new RewriteFrom("scanner@contoso.example", null, RewriteFrom.ReplyTo.ORIGINAL));
    LenientMailOrigin origin = origin(OriginTls.STARTTLS);
    Uplift uplift = start(Way.STARTTLS_BOTH, origin);
    try (MailTalk device = Way.STARTTLS_BOTH.connect(uplift, MailRig.TLS_1_0)) {
      device.askUntil("EHLO printer", "250 ");
      begin(device, "root@printer");
      device.send("From: Root <root@printer>\nSubject: a\n\n.\nb\n\r\n.\r\n");
      assertThat(device.hear()).isEqualTo("250 2.0.0 queued as 1");
    }
    assertThat(origin.messages)
        .containsExactly(
            List.of(
                "scanner@contoso.example",
                """
                From: Root <scanner@contoso.example>
                Reply-To: Root <root@printer>
                Subject: a

                ..
                b

                """
                    .replace("\n", "\r\n")));
  }

  @Test
  void aMessageThatIsTooLargeEndsTheSessionAfterItsReply() throws Exception {
    rig.settings.mailPolicy =
        new MailPolicy(List.of(), List.of(), 0, 5000, 0, 0, LineEnds.PASS, null);
    LenientMailOrigin origin = origin(OriginTls.STARTTLS);
    Uplift uplift = start(Way.STARTTLS_BOTH, origin);
    try (MailTalk device = Way.STARTTLS_BOTH.connect(uplift, MailRig.TLS_1_0)) {
      assertThat(device.askUntil("EHLO printer", "250 ")).contains("250-SIZE 5000\n");
      begin(device, "scans@contoso.example");
      device.send(("x".repeat(998) + "\r\n").repeat(2000) + ".\r\n");
      assertThat(device.hear()).startsWith("552 5.3.4 ");
      // The reply to the command that the device sends next.
      device.send("MAIL FROM:<scans@contoso.example>\r\n");
      assertThat(device.hear()).startsWith("421 4.3.0 ");
      assertThat(device.atEnd()).isTrue();
    }
    SessionSummary summary = ended(uplift);
    assertThat(summary.reason()).isEqualTo(CloseReason.MESSAGE_REFUSED);
    assertThat(uplift.observer.refusals).containsExactly(MessageRefusal.TOO_LARGE);
    assertThat(origin.messages).isEmpty();
  }

  @Test
  void aMessageOfADeviceThatLeavesIsReportedBeforeTheEndOfTheSession() throws Exception {
    Uplift uplift = start(Way.STARTTLS_BOTH, origin(OriginTls.STARTTLS));
    try (MailTalk device = Way.STARTTLS_BOTH.connect(uplift, MailRig.TLS_1_0)) {
      device.askUntil("EHLO printer", "250 ");
      begin(device, "scans@contoso.example");
      device.send("Subject: half\r\n");
    }
    await().until(() -> !uplift.observer.messages.isEmpty());
    assertThat(uplift.observer.messages)
        .singleElement()
        .extracting(MailMessage::outcome, MailMessage::size)
        .containsExactly(MessageOutcome.ABANDONED, 15L);
    ended(uplift);
    assertThat(uplift.observer.messages).hasSize(1);
  }
}
