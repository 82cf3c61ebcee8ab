package org.tlsuplift.server.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.mail.MessageEnvelope;
import org.tlsuplift.proxy.testing.Peer;
import org.tlsuplift.proxy.testing.Program;
import org.tlsuplift.proxy.testing.SettableClock;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.background.Schedules;
import org.tlsuplift.server.mail.OutgoingMessage;
import org.tlsuplift.server.mail.Transport;
import org.tlsuplift.server.spool.Delivery.Outcome;

/** The worker: what it claims, what it does with each result, and whom it notifies. */
class DeliveryTest {
  private static final Instant START = Instant.parse("2026-12-01T08:00:00Z");
  private static final Duration KEEP = Duration.ofDays(2);
  private static final String BOB = "bob@contoso.example";
  private static final String EVE = "eve@contoso.example";

  private final SettableClock clock = new SettableClock(START);
  private final FaultySpool store = new FaultySpool(clock);
  private final Schedule schedule = Schedules.fast(50);
  private final List<String> sent = new CopyOnWriteArrayList<>();
  private final List<String> trail = new CopyOnWriteArrayList<>();
  private volatile Transport transport = this::deliver;
  private @Nullable String returnTo;
  private volatile boolean broken;
  private final Delivery delivery =
      new Delivery(
          store,
          message -> transport,
          this::rules,
          (message, outcome, recipients, reply) ->
              trail.add(outcome.label() + " " + recipients + " " + reply),
          "uplift_1",
          schedule,
          clock);

  @TempDir private Path directory;

  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Logger log = (Logger) LoggerFactory.getLogger(Delivery.class);

  @BeforeEach
  void record() {
    lines.list = new CopyOnWriteArrayList<>();
    lines.start();
    log.addAppender(lines);
  }

  private List<String> logged(String message) {
    return lines.list.stream()
        .filter(each -> each.getMessage().equals(message))
        .map(each -> each.getKeyValuePairs().toString())
        .toList();
  }

  @AfterEach
  void stop() {
    log.detachAppender(lines);
    delivery.close();
    schedule.close();
  }

  private Delivery.Rules rules(OutgoingMessage message) {
    if (broken) {
      throw new IllegalStateException("broken");
    }
    return new Delivery.Rules(returnTo, KEEP, message.envelope().listener());
  }

  private Transport.Result deliver(
      OutgoingMessage message, String header, Transport.Content content) {
    try (InputStream data = content.open()) {
      sent.add(header + new String(data.readAllBytes(), StandardCharsets.UTF_8));
    } catch (java.io.IOException failed) {
      throw new UncheckedIOException(failed);
    }
    return new Transport.Result("to: 250 queued", message.open(), Map.of(), Map.of(), null);
  }

  private Transport refusing(String... recipients) {
    return answering(List.of(recipients), "550 5.1.1 no such user", true);
  }

  private Transport deferring(String... recipients) {
    return answering(List.of(recipients), "451 4.7.500 busy", false);
  }

  private static Transport answering(List<String> recipients, String reply, boolean lasting) {
    Map<String, String> bad =
        recipients.stream().collect(Collectors.toMap(each -> each, each -> reply));
    return (message, header, content) ->
        new Transport.Result(
            "to: 250 queued",
            message.open().stream().filter(each -> !bad.containsKey(each)).toList(),
            lasting ? bad : Map.of(),
            lasting ? Map.of() : bad,
            null);
  }

  private String put(String account, String sender, String... recipients) throws Exception {
    return store.put(
        new MessageEnvelope(
            "scan",
            InetAddress.getByName("192.0.2.7"),
            account,
            sender,
            List.of(recipients),
            false),
        "Subject: scan\r\n\r\nbody\r\n".getBytes(StandardCharsets.US_ASCII),
        KEEP);
  }

  private static String text(SpoolStore.Notice notice) {
    return new String(notice.data(), StandardCharsets.US_ASCII);
  }

  @Test
  void deliversOldestFirstWithEqualHeaderLinesAtEachAttempt() throws Exception {
    String first = put("a@x", "scanner@x", BOB);
    String second = put("a@x", "scanner@x", BOB);
    transport =
        (message, header, content) -> {
          sent.add(header);
          return new Transport.Result("to", List.of(), Map.of(), Map.of(BOB, "451 busy"), null);
        };
    delivery.start();
    await().until(() -> store.get(second).attempts() == 1);
    transport = this::deliver;
    clock.advance(Duration.ofMinutes(2));
    await().until(() -> store.finished.equals(List.of(first, second)));

    assertThat(sent.get(2))
        .startsWith(sent.get(0))
        .isEqualTo(
            "Received: from [192.0.2.7] by uplift-1 (TLS Uplift)\r\n\twith ESMTP id id1; Tue, 1 Dec"
                + " 2026 08:00:00 GMT\r\nMessage-ID: <id1@tls-uplift.invalid>\r\nSubject:"
                + " scan\r\n\r\nbody\r\n");
    assertThat(trail).containsOnly("delivered [" + BOB + "] to: 250 queued").hasSize(2);
    assertThat(delivery.count(Outcome.DELIVERED)).isEqualTo(2);
    assertThat(delivery.count(Outcome.DEFERRED)).isEqualTo(2);
  }

  @Test
  void logsEachDeliveredMessageWithoutAddresses() throws Exception {
    String id = put("a@x", "scanner@x", BOB, EVE);
    transport =
        (message, header, content) ->
            new Transport.Result(
                "smtp.x:587: 250 2.0.0 <1@y> queued", List.of(BOB, EVE), Map.of(), Map.of(), null);
    delivery.start();
    await().until(() -> store.finished.contains(id));
    assertThat(logged("spool: a message is delivered"))
        .singleElement()
        .asString()
        .contains("id=\"" + id, "listener=\"scan", "account=\"a@x", "device=\"192.0.2.7")
        .contains("recipients=\"2", "detail=\"smtp.x:587: 250 2.0.0 <...> queued")
        .doesNotContain("contoso.example");
  }

  @Test
  void keepsTheMessageIdOfTheDevice() throws Exception {
    store.put(
        new MessageEnvelope(
            "scan", InetAddress.getByName("2001:db8::7"), "", "", List.of(BOB), false),
        "Subject: x\r\nmessage-id: <1@device>\r\n\r\nMessage".getBytes(StandardCharsets.US_ASCII),
        KEEP);
    delivery.start();
    await().until(() -> sent.size() == 1);
    assertThat(sent.get(0))
        .startsWith("Received: from [IPv6:2001:db8::7] ")
        .doesNotContain("tls-uplift.invalid");
  }

  @Test
  void addsNoLineOfTraceToAMessageThatHasOne() throws Exception {
    String data =
        "Received: from [192.0.2.7] by uplift-1 (TLS Uplift)\r\n\twith ESMTPS id id1; Tue, 1 Dec"
            + " 2026 08:00:00 GMT\r\nMessage-ID: <1@device>\r\n\r\nbody\r\n";
    store.put(
        new MessageEnvelope(
            "scan", InetAddress.getByName("192.0.2.7"), "", "", List.of(BOB), false),
        data.getBytes(StandardCharsets.US_ASCII),
        KEEP);
    delivery.start();
    await().until(() -> sent.size() == 1);
    assertThat(sent.get(0)).isEqualTo(data);
  }

  @Test
  void waitsLongerAfterEachFailureAndAtLeastAsLongAsAsked() throws Exception {
    String id = put("a@x", "scanner@x", BOB);
    transport = deferring(BOB);
    delivery.start();
    for (int minutes : new int[] {1, 2, 4, 8, 16, 30, 30}) {
      int before = store.get(id).attempts();
      clock.set(store.get(id).nextAttempt());
      await().until(() -> store.get(id).attempts() > before);
      assertThat(Duration.between(clock.instant(), store.get(id).nextAttempt()))
          .isBetween(Duration.ofMinutes(minutes), Duration.ofSeconds(minutes * 75L));
    }
    assertThat(store.get(id).lastReply()).isEqualTo("451 4.7.500 busy");

    transport =
        (message, header, content) ->
            new Transport.Result(
                "to", List.of(), Map.of(), Map.of(BOB, "429"), Duration.ofHours(3));
    clock.set(store.get(id).nextAttempt());
    await().until(() -> store.get(id).lastReply().equals("429"));
    assertThat(store.get(id).nextAttempt()).isEqualTo(clock.instant().plus(Duration.ofHours(3)));
  }

  @Test
  void pausesAnAccountWhoseDestinationAsksForIt() throws Exception {
    String first = put("a@x", "scanner@x", BOB);
    transport =
        (message, header, content) -> {
          sent.add(message.id());
          return new Transport.Result(
              "to",
              List.of(),
              Map.of(),
              Map.of(BOB, "the token is refused"),
              Duration.ofMinutes(5));
        };
    delivery.start();
    await().until(() -> store.get(first).attempts() == 1);
    String second = put("a@x", "scanner@x", BOB);
    String other = put("b@x", "scanner@x", BOB);
    await().until(() -> store.get(other).attempts() == 1);
    assertThat(sent).containsExactly(first, other);
    assertThat(store.get(second).attempts()).isZero();

    transport = this::deliver;
    clock.advance(Duration.ofMinutes(5));
    await().until(() -> store.finished.containsAll(List.of(first, second, other)));
  }

  @Test
  void outageCostsWaitingMessagesNoAttempt() throws Exception {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ids.add(put("a@x", "scanner@x", BOB));
    }
    transport =
        (message, header, content) -> {
          sent.add(message.id());
          return new Transport.Result(
              "to", List.of(), Map.of(), Map.of(BOB, "refused"), Duration.ZERO);
        };
    delivery.start();
    await().until(() -> store.get(ids.get(0)).attempts() == 1);
    clock.advance(Duration.ofSeconds(2));
    await().until(() -> store.get(ids.get(1)).attempts() == 1);
    clock.advance(Duration.ofSeconds(3));
    String other = put("b@x", "scanner@x", BOB);
    await().until(() -> store.get(other).attempts() == 1);
    assertThat(sent).as("the second wait is longer").containsExactly(ids.get(0), ids.get(1), other);

    clock.set(store.get(ids.get(4)).expires());
    await().until(() -> store.finished.containsAll(ids));
    assertThat(sent).as("expired mail is returned without waiting").hasSizeLessThan(6);
  }

  @Test
  void slowAccountDelaysNoOtherAndKeepsItsClaim() throws Exception {
    put("slow@x", "scanner@x", BOB);
    CountDownLatch end = new CountDownLatch(1);
    transport =
        (message, header, content) -> {
          if (message.envelope().account().equals("slow@x")) {
            end.await();
          }
          return deliver(message, header, content);
        };
    delivery.start();
    for (int i = 0; i < 30; i++) {
      put("quick" + i % 3 + "@x", "scanner@x", BOB);
    }
    await().until(() -> store.finished.size() == 30);
    await().until(() -> store.renewed.contains("id1"));
    end.countDown();
    await().until(() -> store.finished.contains("id1"));
  }

  @Test
  void notifiesAboutRefusedRecipientsAndKeepsTheOthers() throws Exception {
    String id = put("mailbox@x", "scanner@x", BOB, EVE, "third@x");
    transport =
        (message, header, content) ->
            new Transport.Result(
                "to: 250 queued",
                message.id().equals(id) ? List.of("third@x") : List.of(),
                Map.of(EVE, "550 5.1.1 no such user"),
                Map.of(BOB, "452 4.2.2 full"),
                null);
    delivery.start();
    await().until(() -> store.find(id).isPresent() && store.get(id).attempts() == 1);

    assertThat(store.get(id).open()).containsExactly(BOB);
    assertThat(store.notices).hasSize(1);
    assertThat(store.notices.get(0).envelope().recipients()).containsExactly("scanner@x");
    assertThat(store.notices.get(0).envelope().sender()).isEmpty();
    assertThat(store.notices.get(0).envelope().account()).isEqualTo("mailbox@x");
    assertThat(text(store.notices.get(0))).contains(EVE).doesNotContain(BOB);
    assertThat(trail)
        .containsExactly(
            "delivered [third@x] to: 250 queued", "returned [" + EVE + "] 550 5.1.1 no such user");
  }

  @Test
  void triesOnceMoreWhenItsTimeEndsAndThenNotifies() throws Exception {
    returnTo = "admin@contoso.example";
    String id = put("", "", BOB);
    transport = deferring(BOB);
    delivery.start();
    await().until(() -> store.get(id).attempts() == 1);
    clock.set(START.plus(KEEP).minusSeconds(1));
    await().until(() -> store.get(id).attempts() == 2);
    assertThat(store.get(id).nextAttempt()).isEqualTo(START.plus(KEEP));
    clock.set(START.plus(KEEP));
    await().until(() -> store.finished.contains(id));
    assertThat(store.notices.get(0).envelope().recipients()).containsExactly(returnTo);
    assertThat(text(store.notices.get(0)))
        .contains("Status: 5.7.500")
        .contains("From: TLS Uplift <" + returnTo + ">");
  }

  @Test
  void notificationLeadsToNoOtherNotification() throws Exception {
    returnTo = "admin@contoso.example";
    put("", "scanner@x", BOB);
    transport = refusing(BOB, returnTo);
    delivery.start();
    await().until(() -> store.finished.size() == 2);
    await().until(() -> trail.size() == 2);
    returnTo = null;
    put("", "", BOB);
    await().until(() -> trail.size() == 3);
    assertThat(store.notices).hasSize(1);
    assertThat(store.list(1)).isEmpty();
  }

  @Test
  void countsLostClaims() throws Exception {
    put("", "scanner@x", BOB);
    store.lost = true;
    delivery.start();
    await().until(() -> delivery.count(Outcome.LOST_CLAIM) == 1);
    assertThat(trail).hasSize(1);
  }

  @Test
  void holdsDamagedMessagesBack() throws Exception {
    String id = put("", "scanner@x", BOB);
    store.damaged.add(id);
    delivery.start();
    await().until(() -> store.get(id).held());
    assertThat(store.get(id).lastReply()).contains("does not match its key");
    assertThat(sent).isEmpty();
    assertThat(trail).isEmpty();
  }

  @Test
  void notifiesTheSenderOfADamagedMessageOnce() throws Exception {
    String id = put("mailbox@x", "scanner@x", BOB, EVE);
    store.damaged.add(id);
    store.undelivered = List.of(BOB);
    delivery.start();
    await().until(() -> store.finished.size() == 1);
    assertThat(store.get(id).held()).isTrue();
    assertThat(store.notices).hasSize(1);
    assertThat(store.notices.get(0).envelope().recipients()).containsExactly("scanner@x");
    assertThat(text(store.notices.get(0)))
        .contains("Final-Recipient: rfc822; " + BOB, "554 5.3.0 TLS Uplift cannot deliver")
        .doesNotContain(EVE);
    assertThat(trail).anyMatch(each -> each.startsWith("returned [" + BOB + "] 554 5.3.0"));
    assertThat(delivery.lastReturned()).isEqualTo(clock.instant());

    assertThat(store.change(id, SpoolChange.RELEASE)).isPresent();
    clock.advance(Duration.ofHours(1));
    await().until(() -> store.get(id).attempts() == 2 && store.get(id).held());
    assertThat(store.notices).hasSize(1);
  }

  @Test
  void finishesWhenTheDatabaseIsBack() throws Exception {
    String id = put("", "scanner@x", BOB);
    transport =
        (message, header, content) -> {
          Transport.Result result = deliver(message, header, content);
          store.away = true;
          return result;
        };
    delivery.start();
    await().until(() -> store.away);
    String next = put("", "scanner@x", BOB);
    transport = this::deliver;
    store.away = false;
    await().until(() -> store.finished.equals(List.of(id, next)));
    assertThat(sent).hasSize(2);
  }

  @Test
  void triesAgainAfterAFault() throws Exception {
    String id = put("", "scanner@x", BOB);
    transport =
        (message, header, content) -> {
          throw new IllegalStateException("fault");
        };
    delivery.start();
    await().until(() -> store.get(id).lastReply().equals("fault"));
    assertThat(store.get(id).held()).isFalse();
  }

  @Test
  void errorCountsTheAttemptAndHoldsTheMessage() throws Exception {
    String id = put("a@x", "scanner@x", BOB);
    transport =
        (message, header, content) -> {
          throw new StackOverflowError();
        };
    delivery.start();
    await().until(() -> store.get(id).held());
    assertThat(store.get(id).lastReply()).isEqualTo("java.lang.StackOverflowError");
    assertThat(store.get(id).attempts()).isEqualTo(1);

    transport = this::deliver;
    String next = put("a@x", "scanner@x", BOB);
    await().until(() -> store.finished.contains(next));
  }

  @Test
  void faultDoesNotOutliveTheTimeOfAMessage() throws Exception {
    String id = put("", "scanner@x", BOB);
    transport =
        (message, header, content) -> {
          throw new IllegalStateException("fault");
        };
    delivery.start();
    await().until(() -> store.get(id).attempts() == 1);
    clock.set(START.plus(KEEP));
    await().until(() -> store.finished.contains(id));
    assertThat(text(store.notices.get(0))).contains("fault");
  }

  @ParameterizedTest
  @ValueSource(classes = {OutOfMemoryError.class, NoClassDefFoundError.class})
  void errorOfTheProcessIsTriedAgainUntilTheTimeOfTheMessageEnds(Class<? extends Error> error)
      throws Exception {
    String id = put("a@x", "scanner@x", BOB);
    Error fault = error.getConstructor(String.class).newInstance("none left");
    transport =
        (message, header, content) -> {
          throw fault;
        };
    delivery.start();
    await().until(() -> store.get(id).attempts() == 1 && !store.isClaimed(id));
    assertThat(store.get(id).held()).isFalse();
    clock.set(START.plus(KEEP));
    await().until(() -> store.finished.contains(id));
    assertThat(text(store.notices.get(0))).contains("none left");
  }

  @Test
  void faultOfTheProgramOutsideASendHoldsTheMessageWhenItsTimeHasEnded() throws Exception {
    String id = put("a@x", "scanner@x", BOB);
    transport = refusing(BOB);
    broken = true;
    delivery.start();
    await().until(() -> store.get(id).attempts() == 1 && !store.isClaimed(id));
    assertThat(store.get(id).held()).isFalse();
    clock.set(START.plus(KEEP));
    await().until(() -> store.get(id).held());
    assertThat(store.get(id).attempts()).isEqualTo(2);
  }

  @Test
  void recipientWhoseServerAcceptedGetsNoOtherCopyAfterAFaultOfTheProgram() throws Exception {
    String id = put("a@x", "scanner@x", BOB, EVE);
    transport = refusing(BOB);
    broken = true;
    delivery.start();
    await().until(() -> store.get(id).attempts() == 1 && !store.isClaimed(id));
    assertThat(store.get(id).open()).containsExactly(BOB);
  }

  @Test
  void heldMessageIsNoLongerSent() throws Exception {
    String id = put("a@x", "scanner@x", BOB);
    transport = DeliveryTest::endless;
    delivery.start();
    await().until(() -> store.isClaimed(id));
    assertThat(store.change(id, SpoolChange.HOLD)).isPresent();
    await().until(() -> !store.isClaimed(id));
    assertThat(store.get(id).held()).isTrue();
    assertThat(store.get(id).lastReply()).isEqualTo("451 4.4.7 an operator ended the attempt");
  }

  @Test
  void deletedMessageIsNoLongerSent() throws Exception {
    String id = put("a@x", "scanner@x", BOB);
    transport = DeliveryTest::endless;
    delivery.start();
    await().until(() -> store.isClaimed(id));
    assertThat(store.change(id, SpoolChange.DROP)).contains(true);
    await().until(() -> delivery.count(Outcome.LOST_CLAIM) == 1);
    assertThat(trail).isEmpty();
  }

  @Test
  void attemptEndsAfterHalfAnHour() throws Exception {
    String id = put("a@x", "scanner@x", BOB);
    try (Schedule faster = Schedules.fast(10_000);
        Delivery brief =
            new Delivery(
                store,
                message -> DeliveryTest::endless,
                message -> new Delivery.Rules(null, KEEP, message.envelope().listener()),
                (message, outcome, recipients, reply) -> {},
                "uplift_1",
                faster,
                clock)) {
      brief.start();
      await().until(() -> store.get(id).attempts() == 1);
      assertThat(store.get(id).lastReply())
          .isEqualTo("451 4.4.7 the attempt took longer than 30 minutes");
      assertThat(store.get(id).held()).isFalse();
    }
  }

  private static Transport.Result endless(
      OutgoingMessage message, String header, Transport.Content content)
      throws InterruptedException {
    new CountDownLatch(1).await();
    throw new AssertionError();
  }

  @Test
  void finishesRunningSendsDuringADrain() throws Exception {
    String id = put("", "scanner@x", BOB);
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    transport =
        (message, header, content) -> {
          begun.countDown();
          end.await();
          return deliver(message, header, content);
        };
    delivery.start();
    begun.await();
    assertThat(delivery.drain(Duration.ofMillis(1))).isFalse();
    put("", "scanner@x", BOB);
    end.countDown();
    assertThat(delivery.drain(Duration.ofSeconds(20))).isTrue();
    assertThat(store.finished).containsExactly(id);
  }

  @Test
  void interruptsRunningSendsAtTheEnd() throws Exception {
    put("", "scanner@x", BOB);
    CountDownLatch begun = new CountDownLatch(1);
    transport =
        (message, header, content) -> {
          begun.countDown();
          new CountDownLatch(1).await();
          throw new AssertionError();
        };
    delivery.start();
    begun.await();
    delivery.close();
    assertThat(delivery.drain(Duration.ZERO)).isTrue();
    assertThat(store.finished).isEmpty();
  }

  @Test
  void readsTotalsRegularly() throws Exception {
    put("", "scanner@x", BOB);
    transport = deferring(BOB);
    delivery.start();
    await().until(() -> delivery.totals().messages() == 1);
    assertThat(delivery.totals().oldest()).isEqualTo(START);
  }

  @Test
  void pythonUnderstandsTheNotification() throws Exception {
    Path python = Peer.require("python3", "python3");
    OutgoingMessage message =
        new OutgoingMessage(
            "id7",
            new MessageEnvelope(
                "scan",
                InetAddress.getByName("192.0.2.7"),
                "mailbox@contoso.example",
                "scanner@contoso.example",
                List.of(BOB, "j\u00f6rg@contoso.example"),
                true),
            List.of(BOB),
            100,
            START,
            START.plus(KEEP),
            3,
            START,
            "",
            false);
    SpoolStore.Notice notice =
        StatusNotification.of(
            message,
            Map.of(
                BOB,
                "550 5.1.1 no such user",
                "j\u00f6rg@contoso.example",
                "421 4.3.2 later\r\nX: y"),
            "Subject: a \u00e9 %s\r\n..dots: x\r\n",
            "scanner@contoso.example",
            "scan",
            "uplift1",
            START,
            KEEP);
    assertThat(new String(notice.data(), StandardCharsets.ISO_8859_1))
        .doesNotContainPattern("[^\r]\n")
        .doesNotContainPattern("[^ -~\r\n\t]");
    Path file = Files.write(directory.resolve("dsn.eml"), notice.data());
    Path script =
        Files.writeString(
            directory.resolve("read.py"),
            """
            import email, email.policy, sys
            m = email.message_from_binary_file(open(sys.argv[1], 'rb'), policy=email.policy.default)
            text, status, header = m.iter_parts()
            print(m.get_content_type(), m.get_param('report-type'), m['from'].addresses[0].addr_spec,
                  m['to'].addresses[0].addr_spec, m['auto-submitted'], m['date'].datetime.isoformat(), len(m.defects))
            print(status.get_content_type(), header.get_content_type(), text.get_content_type())
            blocks = status.get_payload()
            print(blocks[0]['reporting-mta'], blocks[0]['arrival-date'])
            for b in sorted(blocks[1:], key=lambda b: b['final-recipient']):
                print(b['final-recipient'], b['action'], b['status'], b['diagnostic-code'], b['x'])
            print(header.get_payload().strip())
            """);
    assertThat(
            Program.must(directory, List.of(python.toString(), script.toString(), file.toString()))
                .lines())
        .containsExactly(
            "multipart/report delivery-status mailbox@contoso.example scanner@contoso.example"
                + " auto-replied 2026-12-01T08:00:00+00:00 0",
            "message/delivery-status text/rfc822-headers text/plain",
            "dns; uplift1 Tue, 1 Dec 2026 08:00:00 GMT",
            "rfc822; bob@contoso.example failed 5.1.1 smtp; 550 5.1.1 no such user None",
            "utf-8; j\\x{F6}rg@contoso.example failed 5.3.2 smtp; 421 4.3.2 later??X: y None",
            "Subject: a ? %s",
            "..dots: x");
  }
}
