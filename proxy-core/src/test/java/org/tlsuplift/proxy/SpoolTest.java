package org.tlsuplift.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.mail.LineEnds;
import org.tlsuplift.proxy.mail.MailPolicy;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.MailService.DeviceTls;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.mail.guard.SmtpGuard;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailMessage;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.MessageOutcome;
import org.tlsuplift.proxy.model.Permit;
import org.tlsuplift.proxy.model.PermitResult;
import org.tlsuplift.proxy.outcome.SignInOutcome;
import org.tlsuplift.proxy.signin.MailboxPermits;
import org.tlsuplift.proxy.signin.TokenResult;
import org.tlsuplift.proxy.testing.MailOriginServer;
import org.tlsuplift.proxy.testing.MailTalk;
import org.tlsuplift.proxy.testing.MemorySpool;
import org.tlsuplift.proxy.testing.SignInDesk;
import org.tlsuplift.proxy.testing.Uplift;

/** Devices whose listener has a spool, with real handshakes. */
@Timeout(300)
class SpoolTest {
  private static final String KEPT = SmtpGuard.KEPT + "m";

  /** With a dot at the start of lines, doubled, and one that is nearly the end. */
  private static final String DATA =
      "Subject: scan\r\n\r\n..\r\n..a\r\n.b\r\n" + "page ".repeat(9000) + "\r\n.. \r\nlast\r\n";

  private static final Duration SHORT = Duration.ofMillis(400);

  /** Where the origin fails. */
  enum Step {
    GREETING,
    EHLO,
    AUTH,
    MAIL,
    RCPT,
    DATA,
    CONTENT,
    DOT
  }

  /** How it fails. */
  enum Fault {
    TEMPORARY,
    CLOSING,
    DISCONNECT,
    SILENCE
  }

  private final SignInDesk desk = new SignInDesk();
  private final List<String> taken = new CopyOnWriteArrayList<>();
  private final AtomicInteger connections = new AtomicInteger();
  @AutoClose private final MailRig rig = new MailRig();
  private String size = "";

  /** An origin with implicit TLS that fails at this step, or with this reply to it. */
  private HostPort origin(@Nullable Step at, @Nullable Fault fault, @Nullable String refusal) {
    return rig.add(
            new MailOriginServer(
                talk -> {
                  connections.incrementAndGet();
                  talk.acceptTls(MailRig.SERVING, "TLSv1.2");
                  serve(talk, at, fault, refusal);
                }))
        .as("localhost");
  }

  private void serve(
      MailTalk talk, @Nullable Step at, @Nullable Fault fault, @Nullable String refusal)
      throws Exception {
    Step step = Step.GREETING;
    String reply = "220 origin";
    while (true) {
      if (step == at && refusal != null) {
        reply = refusal;
      } else if (step == at && fault != null) {
        switch (fault) {
          case TEMPORARY -> reply = "451 4.7.0 Try again later";
          case CLOSING -> {
            talk.say("421 4.3.2 Service closes");
            return;
          }
          case DISCONNECT -> {
            return;
          }
          case SILENCE -> {
            while (!talk.hear().isEmpty()) {
              // The device gets no reply.
            }
            return;
          }
        }
      }
      talk.say(reply);
      if (step == Step.DATA && reply.startsWith("354")) {
        StringBuilder data = new StringBuilder();
        for (String line = talk.hear(); !line.equals("."); line = talk.hear()) {
          if (line.isEmpty() && data.length() > 200) {
            return;
          }
          data.append(line).append("\r\n");
          if (at == Step.CONTENT && fault != null && data.length() > 20) {
            if (fault == Fault.TEMPORARY || fault == Fault.CLOSING) {
              talk.say("421 4.3.2 Service closes");
            }
            if (fault == Fault.SILENCE) {
              await().until(() -> !taken.isEmpty());
            }
            return;
          }
        }
        step = Step.DOT;
        reply = "250 2.6.0 Queued at the origin";
        if (at != Step.DOT) {
          taken.add(data.toString());
        }
        continue;
      }
      String line = talk.hear();
      if (line.isEmpty()) {
        return;
      }
      String verb = line.split(" ", 2)[0];
      step =
          switch (verb) {
            case "EHLO" -> Step.EHLO;
            case "AUTH" -> Step.AUTH;
            case "MAIL" -> Step.MAIL;
            case "RCPT" -> Step.RCPT;
            case "DATA" -> Step.DATA;
            default -> Step.GREETING;
          };
      reply =
          switch (step) {
            case EHLO -> "250-origin\r\n" + size + "250 AUTH XOAUTH2";
            case AUTH -> "235 2.7.0 Signed in";
            case DATA -> "354 Go ahead";
            default -> "250 2.0.0 Fine at the origin";
          };
    }
  }

  private Uplift start(DeviceTls deviceTls, boolean signIn, MemorySpool spool, HostPort origin) {
    rig.settings.spool = spool;
    rig.settings.signIn = signIn ? desk.signIn() : null;
    return rig.start(
        new MailService(
            MailProtocol.SMTP, deviceTls, OriginTls.IMPLICIT, deviceTls == DeviceTls.OPTIONAL),
        origin);
  }

  /** A device with TLS 1.0 that has sent its EHLO under TLS, or stays in plaintext. */
  private MailTalk device(Uplift uplift, DeviceTls tls) throws IOException {
    MailTalk device =
        tls == DeviceTls.IMPLICIT
            ? MailTalk.tls(uplift.fixed(), "localhost", MailRig.TRUSTING, MailRig.TLS_1_0)
            : MailTalk.to(uplift.fixed());
    assertThat(device.hear()).startsWith("220 localhost ");
    if (tls == DeviceTls.STARTTLS) {
      device.askUntil("EHLO printer", "250 ");
      assertThat(device.ask("STARTTLS")).startsWith("220 ");
      device.startTls("localhost", MailRig.TRUSTING, MailRig.TLS_1_0);
    }
    String list = device.askUntil("EHLO printer", "250 ");
    assertThat(list).contains("PIPELINING", "SIZE").doesNotContain("CHUNKING", "DSN");
    return device;
  }

  private static void signIn(MailTalk device) throws IOException {
    assertThat(device.ask("AUTH PLAIN " + SignInDesk.plain(SignInDesk.PASSWORD)))
        .startsWith("235 2.7.0 ");
  }

  /** Sends a message, and returns the reply to its data. */
  private static String send(MailTalk device, String data) throws IOException {
    assertThat(device.ask("MAIL FROM:<scans@contoso.example> SIZE=100")).startsWith("250 ");
    assertThat(device.ask("RCPT TO:<a@b.example>")).startsWith("250 ");
    assertThat(device.ask("RCPT TO:<c@d.example>")).startsWith("250 ");
    assertThat(device.ask("DATA")).startsWith("354 ");
    return device.send(data).say(".").hear();
  }

  private void keptOnce(MemorySpool spool, String account) {
    assertThat(spool.kept).hasSize(1);
    MemorySpool.Message message = spool.kept.get(0);
    assertThat(message.data()).isEqualTo(DATA);
    assertThat(message.envelope().sender()).isEqualTo("scans@contoso.example");
    assertThat(message.envelope().recipients()).containsExactly("a@b.example", "c@d.example");
    assertThat(message.envelope().account()).isEqualTo(account);
  }

  private static List<MessageOutcome> outcomes(Uplift uplift) {
    return uplift.observer.messages.stream().map(MailMessage::outcome).toList();
  }

  static Stream<Arguments> faults() {
    List<Arguments> all = new ArrayList<>();
    for (Step step : Step.values()) {
      for (Fault fault : Fault.values()) {
        all.add(Arguments.of(step, fault));
      }
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("faults")
  void spoolTakesTheMessageOfASignedInDeviceWhereTheOriginFails(Step step, Fault fault)
      throws Exception {
    rig.settings.replyTimeout = SHORT;
    MemorySpool spool = new MemorySpool(false);
    Uplift uplift = start(DeviceTls.STARTTLS, true, spool, origin(step, fault, null));
    try (MailTalk device = device(uplift, DeviceTls.STARTTLS)) {
      signIn(device);
      assertThat(send(device, DATA)).isEqualTo(KEPT + 1);
      keptOnce(spool, SignInDesk.MAILBOX);
      assertThat(send(device, "next\r\n")).as("without the origin").isEqualTo(KEPT + 2);
      assertThat(device.ask("QUIT")).startsWith("221 ");
      assertThat(device.atEnd()).isTrue();
    }
    assertThat(spool.discarded).hasValue(0);
    assertThat(connections).hasValue(1);
    assertThat(outcomes(uplift)).containsExactly(MessageOutcome.WAITING, MessageOutcome.WAITING);
    await().untilAsserted(() -> assertThat(desk.permits).hasValue(0));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void refusesASizeAboveThatOfTheOriginAlsoAfterItIsLost(boolean signIn) throws Exception {
    size = "250-SIZE 1000\r\n";
    Uplift uplift =
        start(
            DeviceTls.STARTTLS,
            signIn,
            new MemorySpool(false),
            origin(Step.MAIL, Fault.DISCONNECT, null));
    for (int session = 1; session <= 2; session++) {
      try (MailTalk device = device(uplift, DeviceTls.STARTTLS)) {
        if (signIn) {
          signIn(device);
        }
        assertThat(device.askUntil("EHLO printer", "250 ")).contains("250-SIZE 1000\n");
        assertThat(device.ask("MAIL FROM:<scans@contoso.example> SIZE=1001"))
            .startsWith("552 5.3.4 ")
            .contains("larger than the 1000 bytes that the mail server accepts");
        assertThat(device.ask("MAIL FROM:<scans@contoso.example> SIZE=1000")).startsWith("250 ");
        assertThat(device.ask("RSET")).startsWith("250 ");
        assertThat(device.ask("MAIL FROM:<scans@contoso.example> SIZE=1001"))
            .startsWith("552 5.3.4 ");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GREETING,DISCONNECT",
    "GREETING,SILENCE",
    "EHLO,TEMPORARY",
    "MAIL,CLOSING",
    "RCPT,DISCONNECT",
    "DOT,SILENCE"
  })
  void spoolTakesTheMessageOfADeviceWithoutSignIn(Step step, Fault fault) throws Exception {
    rig.settings.replyTimeout = SHORT;
    for (DeviceTls tls : DeviceTls.values()) {
      MemorySpool spool = new MemorySpool(false);
      Uplift uplift = start(tls, false, spool, origin(step, fault, null));
      try (MailTalk device = device(uplift, tls)) {
        assertThat(send(device, DATA)).isEqualTo(KEPT + 1);
      }
      keptOnce(spool, "");
    }
  }

  @ParameterizedTest
  @EnumSource(DeviceTls.class)
  void healthyOriginTakesTheMessageAndNothingIsKept(DeviceTls tls) throws Exception {
    MemorySpool spool = new MemorySpool(false);
    Uplift uplift = start(tls, false, spool, origin(null, null, null));
    try (MailTalk device = device(uplift, tls)) {
      assertThat(send(device, DATA)).isEqualTo("250 2.6.0 Queued at the origin");
      assertThat(device.ask("MAIL FROM:<x@y.example>")).isEqualTo("250 2.0.0 Fine at the origin");
      assertThat(device.ask("RSET")).startsWith("250 ");
      assertThat(send(device, "next\r\n")).isEqualTo("250 2.6.0 Queued at the origin");
    }
    assertThat(taken).containsExactly(DATA, "next\r\n");
    assertThat(spool.kept).isEmpty();
    assertThat(spool.discarded).hasValue(2);
    assertThat(connections).hasValue(1);
    assertThat(outcomes(uplift).stream().filter(MessageOutcome.ACCEPTED::equals)).hasSize(2);
  }

  @ParameterizedTest
  @EnumSource(
      value = Step.class,
      names = {"MAIL", "RCPT", "DATA", "DOT"})
  void permanentRefusalReachesTheDevice(Step step) throws Exception {
    String refusal = "550 5.7.60 SMTP; Client does not have permissions to send as this sender";
    MemorySpool spool = new MemorySpool(false);
    Uplift uplift = start(DeviceTls.IMPLICIT, true, spool, origin(step, null, refusal));
    try (MailTalk device = device(uplift, DeviceTls.IMPLICIT)) {
      signIn(device);
      List<String> commands =
          List.of("MAIL FROM:<a@b.example>", "RCPT TO:<c@d.example>", "DATA", "hello\r\n.");
      int last = List.of(Step.MAIL, Step.RCPT, Step.DATA, Step.DOT).indexOf(step);
      for (String command : commands.subList(0, last)) {
        assertThat(device.ask(command)).matches("[23].*");
      }
      assertThat(device.ask(commands.get(last))).isEqualTo(refusal);
    }
    assertThat(spool.kept).isEmpty();
  }

  @Test
  void spoolTakesTheMessageIfThereIsNoOriginNoTokenOrNoPermit() throws Exception {
    for (SignInOutcome why :
        List.of(
            SignInOutcome.ORIGIN_UNAVAILABLE,
            SignInOutcome.TOKEN_UNAVAILABLE,
            SignInOutcome.MAILBOX_BUSY)) {
      desk.tokenAnswer =
          why == SignInOutcome.TOKEN_UNAVAILABLE ? new TokenResult.Unavailable("slow") : null;
      desk.permitAnswer =
          why == SignInOutcome.MAILBOX_BUSY ? new PermitResult.Busy("three sessions") : null;
      MemorySpool spool = new MemorySpool(false);
      HostPort origin =
          why == SignInOutcome.ORIGIN_UNAVAILABLE
              ? new HostPort("localhost", 1)
              : origin(null, null, null);
      Uplift uplift = start(DeviceTls.STARTTLS, true, spool, origin);
      try (MailTalk device = device(uplift, DeviceTls.STARTTLS)) {
        assertThat(device.ask("AUTH PLAIN " + SignInDesk.plain("wrong"))).startsWith("535 ");
        signIn(device);
        assertThat(send(device, DATA)).isEqualTo(KEPT + 1);
      }
      keptOnce(spool, SignInDesk.MAILBOX);
      assertThat(uplift.observer.signIns)
          .extracting(attempt -> attempt.outcome())
          .containsExactly(SignInOutcome.BAD_CREDENTIALS, why);
    }
    assertThat(connections).hasValue(0);
  }

  @Test
  void spoolTakesTheMessageIfTheMailboxIsAtItsMessageLimit() throws Exception {
    desk.limiter =
        new MailboxPermits() {
          @Override
          public Permit session(String mailbox, MailProtocol protocol, InetAddress device) {
            return Permit.GRANTED;
          }

          @Override
          public Permit message(String mailbox) {
            return new Permit() {
              @Override
              public CompletionStage<PermitResult> answer() {
                return CompletableFuture.completedStage(new PermitResult.Busy("30 per minute"));
              }

              @Override
              public void end() {}
            };
          }
        };
    MemorySpool spool = new MemorySpool(false);
    Uplift uplift = start(DeviceTls.STARTTLS, true, spool, origin(null, null, null));
    try (MailTalk device = device(uplift, DeviceTls.STARTTLS)) {
      signIn(device);
      assertThat(send(device, DATA)).isEqualTo(KEPT + 1);
    }
    keptOnce(spool, SignInDesk.MAILBOX);
    assertThat(connections).hasValue(1);
    assertThat(taken).isEmpty();
  }

  @Test
  void originThatStopsReadingDoesNotStopTheDevice() throws Exception {
    rig.settings.replyTimeout = SHORT;
    MemorySpool spool = new MemorySpool(false);
    Uplift uplift =
        start(DeviceTls.IMPLICIT, false, spool, origin(Step.CONTENT, Fault.SILENCE, null));
    String data = ("y".repeat(998) + "\r\n").repeat(20_000);
    try (MailTalk device = device(uplift, DeviceTls.IMPLICIT)) {
      assertThat(send(device, data)).isEqualTo(KEPT + 1);
    }
    assertThat(spool.kept.get(0).data()).isEqualTo(data);
  }

  @Test
  void failureThatNeedsAnOperatorReachesTheDevice() throws Exception {
    MemorySpool spool = new MemorySpool(false);
    Uplift uplift = start(DeviceTls.STARTTLS, true, spool, origin(null, null, null));
    desk.tokenAnswer = new TokenResult.Refused("no consent");
    try (MailTalk device = device(uplift, DeviceTls.STARTTLS)) {
      assertThat(device.ask("AUTH PLAIN " + SignInDesk.plain(SignInDesk.PASSWORD)))
          .startsWith("535 5.7.8 ");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "STARTTLS,true",
    "IMPLICIT,true",
    "STARTTLS,false",
    "IMPLICIT,false",
    "OPTIONAL,false"
  })
  void withAlwaysNoOriginIsDialled(DeviceTls tls, boolean signIn) throws Exception {
    MemorySpool spool = new MemorySpool(true);
    Uplift uplift = start(tls, signIn, spool, origin(null, null, null));
    try (MailTalk device = device(uplift, tls)) {
      if (signIn) {
        assertThat(device.ask("AUTH PLAIN " + SignInDesk.plain("guess"))).startsWith("535 ");
        signIn(device);
      } else {
        assertThat(device.ask("AUTH PLAIN " + SignInDesk.plain("guess")))
            .startsWith("503 5.5.1 No sign-in is needed here; turn off");
      }
      assertThat(send(device, DATA)).isEqualTo(KEPT + 1);
      keptOnce(spool, signIn ? SignInDesk.MAILBOX : "");
      assertThat(spool.kept.get(0).protocol())
          .isEqualTo("ESMTP" + (tls == DeviceTls.OPTIONAL ? "" : "S") + (signIn ? "A" : ""));
      assertThat(device.ask("QUIT")).startsWith("221 ");
      assertThat(device.atEnd()).isTrue();
    }
    assertThat(connections).hasValue(0);
    assertThat(desk.tokensAsked).hasValue(0);
    assertThat(desk.asked).hasValue(0);
    assertThat(outcomes(uplift)).containsExactly(MessageOutcome.WAITING);
    assertThat(uplift.observer.messages.get(0).reply()).isEqualTo(KEPT + 1);
    await().untilAsserted(() -> assertThat(uplift.proxy().sessions()).isZero());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void pipelinedMessagesGetTheirRepliesInOrder(boolean always) throws Exception {
    MemorySpool spool = new MemorySpool(always);
    Uplift uplift = start(DeviceTls.IMPLICIT, false, spool, origin(null, null, null));
    try (MailTalk device = device(uplift, DeviceTls.IMPLICIT)) {
      device.send(
          """
          MAIL FROM:<a@b.example>
          RCPT TO:<c@d.example>
          RCPT TO:<>
          RCPT TO:<e@f.example> NOTIFY=NEVER
          DATA
          """
              .replace("\n", "\r\n"));
      List<String> codes = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        codes.add(device.hear().substring(0, 3));
      }
      assertThat(codes).containsExactly("250", "250", "501", "555", "354");
      device.send("one\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<g@h.example>\r\nDATA\r\n");
      for (int i = 0; i < 4; i++) {
        assertThat(device.hear()).matches("(250|354) .*");
      }
      assertThat(device.ask("..\r\n.")).startsWith("250 ");
      assertThat(device.ask("MAIL FROM:<\u00fc@b.example>")).startsWith("501 ");
      assertThat(device.ask("MAIL FROM:<a@b.example> RET=HDRS")).startsWith("555 ");
      assertThat(device.ask("RCPT TO:<a@b.example>")).startsWith("503 ");
    }
    assertThat(always ? spool.kept.stream().map(MemorySpool.Message::data).toList() : taken)
        .containsExactly("one\r\n", "..\r\n");
  }

  @Test
  void dataInAnyPiecesArrivesUnchanged() throws Exception {
    MemorySpool spool = new MemorySpool(true);
    Uplift uplift = start(DeviceTls.IMPLICIT, false, spool, origin(null, null, null));
    String data = "..\r\n..a\r\n.b\r\n\r\n..\r\nc\r\n";
    try (MailTalk device = device(uplift, DeviceTls.IMPLICIT)) {
      for (int size = 1; size < 6; size++) {
        device.ask("MAIL FROM:<a@b.example>");
        device.ask("RCPT TO:<a@b.example>");
        device.ask("DATA");
        String all = data + ".\r\n";
        for (int at = 0; at < all.length(); at += size) {
          device.send(all.substring(at, Math.min(all.length(), at + size)));
        }
        assertThat(device.hear()).isEqualTo(KEPT + size);
      }
    }
    assertThat(spool.kept).extracting(MemorySpool.Message::data).containsOnly(data);
  }

  @Test
  void rulesOfTheListenerApplyBeforeTheSpool() throws Exception {
    rig.settings.mailPolicy =
        new MailPolicy(
            List.of("scans@contoso.example"), List.of(), 0, 1000, 0, 0, LineEnds.REPAIR, null);
    MemorySpool spool = new MemorySpool(true);
    Uplift uplift = start(DeviceTls.IMPLICIT, false, spool, origin(null, null, null));
    try (MailTalk device = device(uplift, DeviceTls.IMPLICIT)) {
      assertThat(device.ask("MAIL FROM:<other@contoso.example>")).startsWith("550 ");
      assertThat(device.askUntil("EHLO printer", "250 ")).contains("250-SIZE 1000");
      device.ask("MAIL FROM:<scans@contoso.example>");
      device.ask("RCPT TO:<a@b.example>");
      device.ask("DATA");
      assertThat(device.send("bare\nends\r\n").say(".").hear()).isEqualTo(KEPT + 1);
      device.ask("MAIL FROM:<scans@contoso.example>");
      device.ask("RCPT TO:<a@b.example>");
      device.ask("DATA");
      assertThat(device.send("x".repeat(2000) + "\r\n").say(".").hear()).startsWith("552 ");
    }
    assertThat(spool.kept)
        .extracting(MemorySpool.Message::data)
        .containsExactly("bare\r\nends\r\n");
    await().untilAsserted(() -> assertThat(spool.discarded).hasValue(1));
  }

  @Test
  void refusalToKeepReachesTheDevice() throws Exception {
    MemorySpool spool = new MemorySpool(true);
    spool.refusal = "452 4.3.1 The spool is full; try again later";
    Uplift uplift = start(DeviceTls.IMPLICIT, false, spool, origin(null, null, null));
    try (MailTalk device = device(uplift, DeviceTls.IMPLICIT)) {
      assertThat(send(device, DATA)).isEqualTo(spool.refusal);
      spool.refusal = null;
      assertThat(send(device, DATA)).isEqualTo(KEPT + 1);
    }
    assertThat(outcomes(uplift)).containsExactly(MessageOutcome.DEFERRED, MessageOutcome.WAITING);
  }

  @Test
  void slowSpoolStopsTheDevice() throws Exception {
    MemorySpool spool = new MemorySpool(true);
    CompletableFuture<Void> gate = new CompletableFuture<>();
    Uplift uplift = start(DeviceTls.IMPLICIT, false, spool, origin(null, null, null));
    String line = "x".repeat(998) + "\r\n";
    int lines = 20_000;
    try (MailTalk device = device(uplift, DeviceTls.IMPLICIT)) {
      device.ask("MAIL FROM:<a@b.example>");
      device.ask("RCPT TO:<a@b.example>");
      device.ask("DATA");
      spool.gate = gate;
      AtomicInteger sent = new AtomicInteger();
      CompletableFuture<Void> sender =
          CompletableFuture.runAsync(
              () -> {
                try {
                  for (int i = 0; i < lines; i++) {
                    device.send(line);
                    sent.incrementAndGet();
                  }
                  device.say(".");
                } catch (IOException broken) {
                  throw new IllegalStateException(broken);
                }
              },
              // The stages of the spool need the threads that are shared.
              task -> new Thread(task).start());
      // The sockets of loopback take some megabytes, and the session takes 200 KB.
      await()
          .pollInterval(Duration.ofMillis(300))
          .until(
              new java.util.concurrent.Callable<>() {
                private int before = -1;

                @Override
                public Boolean call() {
                  boolean stopped = sent.get() == before && before > 0;
                  before = sent.get();
                  return stopped;
                }
              });
      assertThat(sender).isNotDone();
      assertThat(sent.get()).isLessThan(lines / 2);
      assertThat(spool.bytes.get()).isLessThan(40_000);
      gate.complete(null);
      sender.join();
      assertThat(device.hear()).isEqualTo(KEPT + 1);
    }
    assertThat(spool.kept.get(0).data()).hasSize(lines * 1000);
  }

  @Test
  void deviceThatLeavesBeforeTheEndLeavesNothing() throws Exception {
    MemorySpool spool = new MemorySpool(true);
    Uplift uplift = start(DeviceTls.IMPLICIT, false, spool, origin(null, null, null));
    try (MailTalk device = device(uplift, DeviceTls.IMPLICIT)) {
      device.ask("MAIL FROM:<a@b.example>");
      device.ask("RCPT TO:<a@b.example>");
      device.ask("DATA");
      device.send("half a message\r\n");
    }
    await().untilAsserted(() -> assertThat(spool.discarded).hasValue(1));
    await().untilAsserted(() -> assertThat(uplift.proxy().sessions()).isZero());
    assertThat(spool.kept).isEmpty();
  }

  @Test
  void deviceThatNeverEndsItsDataIsDisconnected() throws Exception {
    rig.settings.replyTimeout = Duration.ofMillis(10);
    MemorySpool spool = new MemorySpool(true);
    Uplift uplift = start(DeviceTls.IMPLICIT, false, spool, origin(null, null, null));
    try (MailTalk device = device(uplift, DeviceTls.IMPLICIT)) {
      device.ask("MAIL FROM:<a@b.example>");
      device.ask("RCPT TO:<a@b.example>");
      device.ask("DATA");
      device.send("half a message\r\n");
      assertThat(device.hear()).startsWith("421 4.4.2 The message took too long");
      assertThat(device.atEnd()).isTrue();
    }
    await().untilAsserted(() -> assertThat(spool.discarded).hasValue(1));
    await().untilAsserted(() -> assertThat(uplift.proxy().sessions()).isZero());
    assertThat(spool.kept).isEmpty();
  }

  @Test
  void messageOfADeviceThatLeavesBeforeTheReplyIsKept() throws Exception {
    MemorySpool spool = new MemorySpool(false);
    Uplift uplift = start(DeviceTls.IMPLICIT, false, spool, origin(Step.DOT, Fault.SILENCE, null));
    try (MailTalk device = device(uplift, DeviceTls.IMPLICIT)) {
      device.ask("MAIL FROM:<scans@contoso.example>");
      device.ask("RCPT TO:<a@b.example>");
      device.ask("RCPT TO:<c@d.example>");
      device.ask("DATA");
      device.send(DATA).say(".");
      await().untilAsserted(() -> assertThat(spool.bytes).hasValue(DATA.length()));
      device.reset();
    }
    await().untilAsserted(() -> assertThat(uplift.proxy().sessions()).isZero());
    await().untilAsserted(() -> keptOnce(spool, ""));
  }
}
