package org.tlsuplift.server.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.mail.MessageEnvelope;
import org.tlsuplift.proxy.spool.MessageSpool;
import org.tlsuplift.proxy.spool.MessageSpool.Incoming;
import org.tlsuplift.proxy.spool.MessageSpool.Result;
import org.tlsuplift.server.database.Database;
import org.tlsuplift.server.database.DatabasePlace;
import org.tlsuplift.server.mail.OutgoingMessage;

/** What both databases do. */
abstract class SpoolContract {
  private static final int PART = MessagePart.SIZE;

  final Random random = new Random(35);
  private final List<JdbcSpoolStore> opened = new ArrayList<>();
  JdbcSpoolStore store;
  MessageSpool spool;

  abstract JdbcSpoolStore open() throws Exception;

  abstract DatabasePlace place();

  @BeforeEach
  void start() throws Exception {
    store = another();
    spool = store.intake(true, Duration.ofDays(2), KeptMail.MAXIMUM, "uplift-1");
  }

  @AfterEach
  void end() {
    opened.forEach(JdbcSpoolStore::close);
  }

  final JdbcSpoolStore another() throws Exception {
    JdbcSpoolStore another = open();
    opened.add(another);
    return another;
  }

  final OutgoingMessage kept(String account, String sender, byte[] data) throws Exception {
    Result result = KeptMail.keep(spool, KeptMail.envelope(account, sender), data);
    assertThat(result).isInstanceOf(Result.Kept.class);
    return store.find(((Result.Kept) result).id()).orElseThrow();
  }

  final void execute(String change, Object... values) throws Exception {
    try (Database database = Database.forWriting(place(), Database.Durability.POWER_CUT)) {
      database.createFile();
      assertThat(database.<Integer>run(sql -> sql.update(change, values))).isPositive();
    }
  }

  final List<String> senders(List<OutgoingMessage> messages) {
    return messages.stream().map(each -> each.envelope().sender()).toList();
  }

  @Test
  void keepsMessagesOfAllSizesByteForByte() throws Exception {
    Map<String, String> digests = new HashMap<>();
    List<Integer> sizes =
        new ArrayList<>(List.of(0, 1, PART - 1, PART, PART + 1, 2 * PART, 5_000_000));
    random.ints(10, 0, 5_000_000).forEach(sizes::add);
    for (int size : sizes) {
      byte[] data = KeptMail.data(random, size);
      int piece = 1 + random.nextInt(size % 2 == 0 ? 600_000 : 20_000);
      Result result =
          KeptMail.send(spool, KeptMail.envelope("a", "s" + size), data, piece)
              .keep()
              .toCompletableFuture()
              .join();
      digests.put(((Result.Kept) result).id(), KeptMail.digest(data));
    }
    JdbcSpoolStore again = another();
    for (OutgoingMessage each : again.list(1_000)) {
      assertThat(KeptMail.digest(again, each)).isEqualTo(digests.remove(each.id()));
      MessageEnvelope sent = KeptMail.envelope("a", "s" + each.size());
      assertThat(each.envelope()).isEqualTo(sent);
      assertThat(each.open()).isEqualTo(sent.recipients());
      assertThat(each.expires()).isEqualTo(each.accepted().plus(Duration.ofDays(2)));
    }
    assertThat(digests).isEmpty();
    long bytes = sizes.stream().mapToLong(Integer::longValue).sum();
    assertThat(again.totals().messages()).isEqualTo(sizes.size());
    assertThat(again.totals().bytes()).isEqualTo(bytes);
    assertThat(again.totals().oldest()).isEqualTo(again.list(1).get(0).accepted());
  }

  @Test
  void keepsTheLineOfTraceInFrontOfTheMessage() throws Exception {
    Incoming incoming = spool.begin(KeptMail.envelope("", "s"), "ESMTPSA");
    incoming.add(Unpooled.copiedBuffer("Subject: x\r\n\r\n", StandardCharsets.US_ASCII));
    assertThat(incoming.keep().toCompletableFuture().join()).isInstanceOf(Result.Kept.class);
    OutgoingMessage message = store.list(1).get(0);
    try (InputStream content = store.content(message)) {
      byte[] data = content.readAllBytes();
      assertThat(data).hasSize((int) message.size());
      assertThat(new String(data, StandardCharsets.US_ASCII))
          .startsWith(
              "Received: from [192.0.2.1] by uplift-1 (TLS Uplift)\r\n\twith ESMTPSA id "
                  + message.id()
                  + "; ")
          .endsWith("\r\nSubject: x\r\n\r\n");
    }
  }

  @Test
  void claimsTheOldestDueMessageOfEachAccount() throws Exception {
    OutgoingMessage first = kept("a", "a1", new byte[10]);
    kept("a", "a2", new byte[10]);
    kept("b", "b1", new byte[10]);
    OutgoingMessage held = kept("", "l1", new byte[10]);
    kept("", "l2", new byte[10]);
    assertThat(store.change(held.id(), SpoolChange.HOLD)).isPresent();

    Set<String> all = Set.of("account a", "account b", "listener mail");
    assertThat(store.claim(10, all)).as("paused").isEmpty();
    assertThat(senders(store.claim(2, Set.of()))).containsExactly("a1", "b1");
    assertThat(senders(store.claim(10, Set.of()))).containsExactly("l2");
    assertThat(store.claim(10, Set.of())).isEmpty();
    assertThat(store.change(first.id(), SpoolChange.RELEASE)).as("it is claimed").contains(true);

    Instant later = Instant.now().plusSeconds(3_600);
    List<String> one = List.of("ü@example.org");
    assertThat(store.postpone(first, one, later, "451 busy")).isTrue();
    assertThat(store.postpone(first, one, later, "451 busy")).as("claim ended").isFalse();
    OutgoingMessage postponed = store.find(first.id()).orElseThrow();
    assertThat(postponed.open()).isEqualTo(one);
    assertThat(postponed.attempts()).isEqualTo(1);
    assertThat(postponed.lastReply()).isEqualTo("451 busy");
    assertThat(senders(store.claim(10, Set.of())))
        .as("not behind one that is not due")
        .containsExactly("a2");

    assertThat(store.change(first.id(), SpoolChange.RETRY)).isPresent();
    assertThat(store.change(held.id(), SpoolChange.RETRY)).isPresent();
    assertThat(store.claim(10, Set.of())).as("their accounts are busy").isEmpty();
    store.renew(List.of(first.id(), held.id()));
    for (OutgoingMessage each : store.list(10)) {
      store.finish(each, null);
    }
    assertThat(senders(store.claim(10, Set.of()))).containsExactlyInAnyOrder("a1", "l1");
    assertThat(store.totals().messages()).isEqualTo(2);
    assertThat(store.change("none", SpoolChange.DROP)).isEmpty();
    assertThat(store.change("none", SpoolChange.HOLD)).isEmpty();
    assertThat(store.change("none", SpoolChange.RETRY)).isEmpty();
  }

  @Test
  void retriesAllThatAreNotHeld() throws Exception {
    for (String account : List.of("a", "b", "c")) {
      kept(account, account, new byte[10]);
    }
    for (OutgoingMessage each : store.claim(3, Set.of())) {
      Instant later = Instant.now().plusSeconds(3_600);
      assertThat(store.postpone(each, each.open(), later, "")).isTrue();
    }
    assertThat(store.change(store.list(1).get(0).id(), SpoolChange.HOLD)).isPresent();
    assertThat(store.claim(3, Set.of())).isEmpty();
    assertThat(store.retryAll()).isEqualTo(2);
    assertThat(senders(store.claim(3, Set.of()))).containsExactlyInAnyOrder("b", "c");
    assertThat(store.totals().messages()).isEqualTo(store.counted()).isEqualTo(3);
  }

  @Test
  void anotherInstanceLeavesMessagesInFlight() throws Exception {
    OutgoingMessage sending = kept("a", "a1", new byte[10]);
    assertThat(store.claim(1, Set.of())).hasSize(1);
    byte[] data = KeptMail.data(random, 3 * PART);
    MessageSpool.Incoming arriving = KeptMail.send(spool, KeptMail.envelope("b", "b1"), data, PART);

    JdbcSpoolStore next = another();
    assertThat(next.claim(10, Set.of())).isEmpty();
    assertThat(arriving.keep().toCompletableFuture().join()).isInstanceOf(Result.Kept.class);
    assertThat(senders(next.claim(10, Set.of()))).containsExactly("b1");
    assertThat(store.finish(sending, null)).isTrue();
  }

  @Test
  void claimedMessageCanBeHeldAndDropped() throws Exception {
    kept("a", "a1", new byte[10]);
    kept("b", "b1", new byte[10]);
    kept("c", "c1", new byte[10]);
    List<String> ids = store.claim(3, Set.of()).stream().map(OutgoingMessage::id).toList();
    assertThat(store.renew(ids)).containsExactlyInAnyOrderElementsOf(ids);

    assertThat(store.change(ids.get(0), SpoolChange.HOLD)).contains(true);
    assertThat(store.change(ids.get(1), SpoolChange.DROP)).contains(true);

    assertThat(store.renew(ids)).as("attempts that go on").containsExactly(ids.get(2));
    assertThat(store.change(ids.get(1), SpoolChange.DROP)).isEmpty();
    assertThat(store.totals().messages()).isEqualTo(2);
    OutgoingMessage held = store.find(ids.get(0)).orElseThrow();
    assertThat(store.postpone(held, held.open(), Instant.now(), "451 ended")).isTrue();
    assertThat(store.find(held.id()).orElseThrow().held()).isTrue();
    assertThat(store.change(held.id(), SpoolChange.HOLD)).contains(false);
  }

  @Test
  void replacesMessageByNoticeInOneStep() throws Exception {
    kept("a", "a1", new byte[10]);
    OutgoingMessage claimed = store.claim(1, Set.of()).get(0);
    byte[] data = KeptMail.data(random, PART + 10);
    SpoolStore.Notice notice =
        new SpoolStore.Notice(KeptMail.envelope("n", ""), data, Duration.ofHours(1));
    assertThat(store.finish(claimed, notice)).isTrue();
    assertThat(store.finish(claimed, notice)).as("again").isFalse();
    assertThat(store.list(10)).hasSize(1);
    OutgoingMessage waits = store.claim(1, Set.of()).get(0);
    assertThat(waits.envelope()).isEqualTo(notice.envelope());
    assertThat(KeptMail.digest(store, waits)).isEqualTo(KeptMail.digest(data));
    assertThatThrownBy(() -> KeptMail.digest(store, claimed)).isInstanceOf(SpoolException.class);
  }

  @Test
  void findsDamage() throws Exception {
    byte[] data = KeptMail.data(random, 3 * PART + 5);
    OutgoingMessage intact = kept("a", "intact", data);
    damaged("UPDATE spool_part SET number = 9 - number WHERE id = ? AND number = 0", data);
    damaged("DELETE FROM spool_part WHERE id = ? AND number = 3", data);
    damaged("UPDATE spool_message SET size = size - 5 WHERE id = ?", data);
    damaged(
        "UPDATE spool_message SET envelope = replace(envelope, 'damaged', 'x') WHERE id = ?", data);
    damaged("UPDATE spool_message SET envelope = envelope || '1' WHERE id = ?", data);
    damaged("UPDATE spool_message SET open_recipients = 'thief@example.org' WHERE id = ?", data);
    damaged("UPDATE spool_message SET open_recipients = 'a@example.org' WHERE id = ?", data);
    damaged("DELETE FROM spool_seal WHERE id = ?", data);
    damaged("UPDATE spool_seal SET seal = '' WHERE id = ?", data);
    String other = " = (SELECT %s FROM %s o WHERE o.id = '" + intact.id() + "'%s) WHERE id = ?";
    damaged(
        "UPDATE spool_part SET data"
            + other.formatted("data", "spool_part", " AND number = 1")
            + " AND number = 1",
        data);
    String swapped = "(SELECT data FROM spool_part o WHERE o.id = spool_part.id AND number = 2)";
    damaged("UPDATE spool_part SET data = " + swapped + " WHERE id = ? AND number = 1", data);
    for (int flips = 0; flips < 5; flips++) {
      OutgoingMessage message = kept("a", "flipped", data);
      byte[] part = new byte[random.nextInt(PART)];
      random.nextBytes(part);
      execute("UPDATE spool_part SET data = ? WHERE id = ? AND number = 0", part, message.id());
      assertDamaged(message.id());
    }
    damaged("UPDATE spool_message SET envelope = '' WHERE id = ?", data);
    damaged("UPDATE spool_message SET envelope = 'a' || envelope WHERE id = ?", data);
    assertThat(store.claim(10, Set.of())).containsExactly(intact);
    assertThat(KeptMail.digest(store, intact)).isEqualTo(KeptMail.digest(data));
  }

  @Test
  void holdsMessagesThatWerePutBackAfterTheyLeft() throws Exception {
    OutgoingMessage message = kept("a", "a1", KeptMail.data(random, PART + 1));
    List<String> tables = List.of("message", "part", "seal");
    for (String table : tables) {
      run("CREATE TABLE copy_%s AS SELECT * FROM spool_%s".formatted(table, table));
    }
    assertThat(store.finish(store.claim(1, Set.of()).get(0), null)).isTrue();
    execute("INSERT INTO spool_message SELECT * FROM copy_message");
    execute("INSERT INTO spool_part SELECT * FROM copy_part");
    assertDamaged(another(), message.id());
    assertDamaged(store, message.id());
    execute("INSERT INTO spool_seal SELECT * FROM copy_seal");
    assertDamaged(store, message.id());
  }

  @Test
  void deliversMessagesOfTheVersionBeforeSeals() throws Exception {
    byte[] data = KeptMail.data(random, 100);
    MessageEnvelope envelope = KeptMail.envelope("a", "a1");
    String id = "0661a108028a088e9cab399b8633d1";
    MessagePart part = new MessagePart(id, JdbcSpoolStore.text(envelope), 0, data.length);
    store.writer.submit(sql -> store.insertPart(sql, part, data)).join();
    store
        .writer
        .submit(
            sql -> {
              store.insert(sql, id, envelope, 1, data.length, Duration.ofDays(2));
              return 0;
            })
        .join();
    run("DROP TABLE spool_seal");
    run("DELETE FROM tlsuplift_spool_history WHERE version = '2'");

    JdbcSpoolStore upgraded = another();
    OutgoingMessage claimed = upgraded.claim(1, Set.of()).get(0);
    assertThat(KeptMail.digest(upgraded, claimed)).isEqualTo(KeptMail.digest(data));
    List<String> open = List.of("a@example.org");
    assertThat(upgraded.postpone(claimed, open, Instant.EPOCH, "")).isTrue();
    OutgoingMessage again = upgraded.claim(1, Set.of()).get(0);
    assertThat(KeptMail.digest(upgraded, again)).isEqualTo(KeptMail.digest(data));
    assertThat(upgraded.finish(again, null)).isTrue();
  }

  @Test
  void namesTheRecipientsOfDamagedMessagesWithGenuineEnvelopes() throws Exception {
    byte[] data = KeptMail.data(random, 2 * PART + 5);
    List<String> all = KeptMail.envelope("a", "a").recipients();
    String change = "UPDATE spool_message SET %s WHERE id = ?";
    assertThat(undelivered("DELETE FROM spool_part WHERE number = 2 AND id = ?", data))
        .isEqualTo(all);
    assertThat(undelivered("DELETE FROM spool_part WHERE id = ?", data)).isEqualTo(all);
    assertThat(undelivered(change.formatted("open_recipients = 'a@example.org'"), data))
        .isEqualTo(all);
    assertThat(undelivered(change.formatted("envelope = replace(envelope, 'ed', 'x')"), data))
        .isEmpty();
  }

  private List<String> undelivered(String change, byte[] data) throws Exception {
    OutgoingMessage message = kept("a", "damaged", data);
    execute(change, message.id());
    OutgoingMessage found = store.find(message.id()).orElseThrow();
    return assertThatExceptionOfType(SpoolException.class)
        .isThrownBy(() -> KeptMail.digest(store, found))
        .actual()
        .undelivered();
  }

  @Test
  void showsNoHostileIdInACommand() throws Exception {
    OutgoingMessage message = kept("a", "s", new byte[10]);
    execute("UPDATE spool_message SET id = 'x; touch /tmp/y' WHERE id = ?", message.id());
    OutgoingMessage hostile = store.find("x; touch /tmp/y").orElseThrow();
    assertThatThrownBy(() -> KeptMail.digest(store, hostile))
        .hasMessageEndingWith("run: tls-uplift spool drop ID");
  }

  private void run(String statement) throws Exception {
    try (Database database = Database.forWriting(place(), Database.Durability.POWER_CUT)) {
      database.createFile();
      assertThat(database.<Integer>run(sql -> sql.update(statement))).isNotNegative();
    }
  }

  private void damaged(String change, byte[] data) throws Exception {
    OutgoingMessage message = kept("a", "damaged", data);
    execute(change, message.id());
    assertDamaged(message.id());
  }

  private void assertDamaged(String id) {
    assertDamaged(store, id);
  }

  private static void assertDamaged(JdbcSpoolStore store, String id) {
    assertThatThrownBy(() -> KeptMail.digest(store, store.find(id).orElseThrow()))
        .isInstanceOfSatisfying(
            SpoolException.class, failed -> assertThat(failed.damaged()).isTrue())
        .hasMessageContaining(id + " is damaged");
  }

  @Test
  void limitsAllMailAndThatOfEachDeviceAndAccount() throws Exception {
    MessageSpool small = store.intake(true, Duration.ofDays(1), 1_000_000, "uplift-1");
    byte[] data = new byte[300_000];
    assertKept(small, "10.0.0.1", "a", data);
    assertRefused(small, "10.0.0.1", "b", data, "10.0.0.1");
    assertRefused(small, "10.0.0.2", "a", data, "mail of a ");
    assertKept(small, "10.0.0.2", "b", data);
    assertKept(small, "10.0.0.3", "", data);
    assertRefused(small, "10.0.0.4", "", new byte[100_001], "all devices");
    // While it arrives, and what is discarded does not count.
    for (int i = 0; i < 10; i++) {
      KeptMail.send(small, KeptMail.envelope("10.0.0.6", "", "s"), new byte[90_000], 9_000)
          .discard();
    }
    assertThat(store.totals().messages()).isEqualTo(3);
    MessageSpool again = another().intake(true, Duration.ofDays(1), 1_000_000, "uplift-1");
    assertRefused(again, "10.0.0.4", "", new byte[100_001], "all devices");
    for (OutgoingMessage each : store.claim(3, Set.of())) {
      assertThat(store.finish(each, null)).isTrue();
    }
    assertKept(small, "10.0.0.1", "b", data);
    assertRefused(small, "10.0.0.5", "", new byte[100_000_000], "10.0.0.5");
  }

  @Test
  void messagesOfAClockThatWasAheadAreDueNow() throws Exception {
    kept("a", "s", new byte[10]);
    ahead(Duration.ofDays(700));
    execute("UPDATE spool_message SET lease_until = next_attempt");
    Instant start = Instant.now();

    List<OutgoingMessage> claimed = another().claim(10, Set.of());

    assertThat(claimed).hasSize(1);
    Instant accepted = store.list(1).get(0).accepted();
    assertThat(accepted).isBetween(start.minusSeconds(60), start.plusSeconds(3_600));
    assertThat(store.list(1).get(0).expires()).isEqualTo(accepted.plus(Duration.ofDays(2)));
  }

  @Test
  void retryMakesAMessageDueWhoseClockWasAhead() throws Exception {
    OutgoingMessage message = kept("a", "s", new byte[10]);
    ahead(Duration.ofHours(1));
    assertThat(store.claim(10, Set.of())).isEmpty();

    assertThat(store.change(message.id(), SpoolChange.RETRY)).isPresent();

    assertThat(store.claim(10, Set.of())).hasSize(1);
  }

  /** Moves all times, as if the clock had been ahead until now. */
  private void ahead(Duration time) throws Exception {
    long by = time.toMillis();
    String change =
        "UPDATE spool_message SET accepted = accepted + ?, expires = expires + ?, next_attempt ="
            + " next_attempt + ?";
    execute(change, by, by, by);
  }

  @Test
  void messagesThatNeverEndStopOnlyTheirDeviceAndAccount() throws Exception {
    List<MessageSpool.Incoming> open = new ArrayList<>();
    for (int i = 0; i < 600; i++) {
      MessageEnvelope envelope = KeptMail.envelope("10.0.0." + i % 5, i % 5 == 0 ? "a" : "", "s");
      open.add(KeptMail.send(spool, envelope, new byte[10], 10));
    }
    assertKept(spool, "10.0.0.9", "b", new byte[10]);
    for (MessageEnvelope stopped :
        List.of(KeptMail.envelope("10.0.0.1", "", "s"), KeptMail.envelope("10.0.0.9", "a", "s"))) {
      assertThat(KeptMail.keep(spool, stopped, new byte[10]))
          .isInstanceOfSatisfying(
              Result.Refused.class,
              refused -> assertThat(refused.reply()).startsWith("451 4.3.2 Too many messages of "));
    }
    open.forEach(MessageSpool.Incoming::discard);
    assertKept(spool, "10.0.0.1", "a", new byte[10]);
  }

  @Test
  void messagesOfManyDevicesThatNeverEndLeaveRoomForOthers() {
    List<MessageSpool.Incoming> open = new ArrayList<>();
    for (int i = 0; i < 1_200; i++) {
      MessageEnvelope envelope = KeptMail.envelope("10.0.0." + i % 20, "", "s");
      open.add(KeptMail.send(spool, envelope, new byte[10], 10));
    }
    for (int i = 0; i < 20; i++) {
      assertKept(spool, "10.0.1." + i, "b", new byte[10]);
    }
    open.forEach(MessageSpool.Incoming::discard);
  }

  @Test
  void messageThatArrivesIsNotRefusedBecauseOfLaterOnes() {
    List<MessageSpool.Incoming> open = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      open.add(spool.begin(KeptMail.envelope("10.0.0.1", "", "s"), ""));
    }
    assertThat(end(open.get(0))).isInstanceOf(Result.Kept.class);
    assertThat(end(open.get(59))).isInstanceOf(Result.Refused.class);
    open.forEach(MessageSpool.Incoming::discard);
  }

  private static Result end(MessageSpool.Incoming incoming) {
    incoming.add(Unpooled.wrappedBuffer(new byte[10])).toCompletableFuture().join();
    return incoming.keep().toCompletableFuture().join();
  }

  private static void assertKept(MessageSpool spool, String device, String account, byte[] data) {
    assertThat(KeptMail.keep(spool, KeptMail.envelope(device, account, "s"), data))
        .isInstanceOf(Result.Kept.class);
  }

  private static void assertRefused(
      MessageSpool spool, String device, String account, byte[] data, String why) {
    assertThat(KeptMail.keep(spool, KeptMail.envelope(device, account, "s"), data))
        .isInstanceOfSatisfying(
            Result.Refused.class,
            refused -> assertThat(refused.reply()).startsWith("452 4.3.1 ").contains(why));
  }

  @Test
  void commitsOtherChangesWhenOneFails() throws Exception {
    kept("a", "before", new byte[10]);
    List<CompletableFuture<Integer>> all = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      int number = i;
      all.add(
          store.writer.submit(
              sql ->
                  sql.update(
                      number % 10 == 3
                          ? "INSERT INTO missing VALUES (?)"
                          : "INSERT INTO spool_part VALUES ('ff', ?, '')",
                      number)));
    }
    for (int i = 0; i < 50; i++) {
      boolean failed = all.get(i).handle((done, why) -> why != null).join();
      assertThat(failed).isEqualTo(i % 10 == 3);
    }
    execute("DELETE FROM spool_part WHERE id = 'ff' AND number = 49");
  }

  @Test
  void keepsThousandsOfMessagesAtOnce() throws Exception {
    byte[] data = KeptMail.data(random, 10_000);
    List<CompletableFuture<Result>> all = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      MessageEnvelope envelope = KeptMail.envelope("10.0.0." + i % 100, "a" + i % 100, "s");
      all.add(KeptMail.send(spool, envelope, data, 10_000).keep().toCompletableFuture());
      if (i % 100 == 99) {
        all.get(i).join();
      }
    }
    assertThat(all).allMatch(each -> each.join() instanceof Result.Kept);
    assertThat(store.claim(50, Set.of()))
        .extracting(each -> each.envelope().account())
        .hasSize(50)
        .doesNotHaveDuplicates();
  }
}
