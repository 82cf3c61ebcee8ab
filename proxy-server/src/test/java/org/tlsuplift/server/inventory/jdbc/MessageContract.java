package org.tlsuplift.server.inventory.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.tlsuplift.server.inventory.record.Sightings.NOW;

import java.net.InetAddress;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.model.MessageOutcome;
import org.tlsuplift.server.audit.AuditLog;
import org.tlsuplift.server.audit.AuditRecord;
import org.tlsuplift.server.database.Database;
import org.tlsuplift.server.database.DatabasePlace;
import org.tlsuplift.server.feature.Change;
import org.tlsuplift.server.inventory.Acknowledgements.Acknowledgement;
import org.tlsuplift.server.inventory.Acknowledgements.Kind;
import org.tlsuplift.server.inventory.Acknowledgements.Subject;
import org.tlsuplift.server.inventory.messages.MessageFilter;
import org.tlsuplift.server.inventory.messages.MessagePage;
import org.tlsuplift.server.inventory.messages.MessageRecord;
import org.tlsuplift.server.inventory.messages.Messages;
import org.tlsuplift.server.inventory.messages.SilentSender;
import org.tlsuplift.server.inventory.messages.StoredMessage;
import org.tlsuplift.server.inventory.record.Batch;
import org.tlsuplift.server.inventory.record.Delta;
import org.tlsuplift.server.inventory.record.Sightings;
import org.tlsuplift.server.inventory.record.Trail;
import org.tlsuplift.server.signin.SignInTimes.SignedIn;

/** What each database has to hold to for messages. */
abstract class MessageContract {
  private Database database;
  private Store store;
  private Messages messages;
  private long batches;

  /** An empty place. */
  abstract DatabasePlace place() throws Exception;

  @BeforeEach
  void open() throws Exception {
    DatabasePlace place = place();
    database = Database.forWriting(place);
    database.createFile();
    database.migrate(DeviceInventory.SCHEMA);
    store = new Store(database, 1000, 100);
    messages = new JdbcMessages(database);
  }

  @AfterEach
  void close() {
    database.close();
  }

  private void write(MessageRecord... records) throws SQLException {
    Delta delta = new Delta(100);
    for (MessageRecord each : records) {
      delta.add(Sightings.session(text(each.device()), each.at(), Sightings.TLS_1_0));
      assertThat(delta.add(each)).isTrue();
    }
    store.write(new Batch(++batches, delta));
  }

  private static String text(InetAddress device) {
    return device.getHostAddress();
  }

  private List<String> replies(MessageFilter filter) throws SQLException {
    return messages.page(filter, 0, 100).messages().stream()
        .map(each -> each.message().reply())
        .toList();
  }

  @Test
  void readsAnOutcomeThatANewerVersionHasStored() throws Exception {
    write(message("10.0.0.1", Duration.ofHours(1), "a@x.example", "b@x.example", "250 1"));
    database.run(sql -> sql.update("UPDATE message SET outcome = 'later'"));
    assertThat(messages.page(MessageFilter.ALL, 0, 10).messages())
        .extracting(each -> each.message().outcome())
        .containsExactly(MessageOutcome.UNKNOWN);
    database.run(
        sql -> sql.update("INSERT INTO acknowledgement VALUES ('later', 'x', 1, 'x', 1, 'x')"));
    new JdbcAcknowledgements(database).read();
  }

  private static MessageRecord message(
      String device, Duration ago, String sender, String recipient, String reply) {
    return Trail.message(
        device,
        NOW.minus(ago),
        sender,
        List.of(recipient.split(" ")),
        reply.startsWith("2") ? MessageOutcome.ACCEPTED : MessageOutcome.REJECTED,
        "",
        reply);
  }

  @Test
  void aMessageIsReadAsItWasWrittenWithTheNameOfItsDevice() throws Exception {
    MessageRecord record =
        Trail.message(
            "10.0.0.1",
            NOW,
            "",
            List.of("\"odd name\"@a.example", "@b.example"),
            MessageOutcome.REFUSED,
            "too_large",
            "552 5.3.4 'too' large");
    write(record);
    store.name(Map.of("10.0.0.1", "Printer 3"));
    MessagePage page = messages.page(MessageFilter.ALL, 0, 10);
    assertThat(page.total()).isEqualTo(1);
    assertThat(page.messages()).containsExactly(new StoredMessage(record, "Printer 3"));
  }

  @Test
  void searchesBySenderRecipientDeviceTimeListenerAndOutcome() throws Exception {
    write(
        message("10.0.0.1", Duration.ofHours(3), "scanner@contoso.com", "bob@x.example", "250 1"),
        message("10.0.0.2", Duration.ofHours(2), "fax_1@contoso.com", "@fabrikam.com", "250 2"),
        message("10.0.1.1", Duration.ofHours(1), "alarm@adatum.com", "@x.example", "550 3"));
    store.name(Map.of("10.0.0.2", "Fax"));

    assertThat(replies(MessageFilter.ALL)).containsExactly("550 3", "250 2", "250 1");
    assertThat(replies(sender("CONTOSO"))).containsExactly("250 2", "250 1");
    assertThat(replies(sender("x_1"))).containsExactly("250 2");
    assertThat(replies(sender("c%r"))).isEmpty();
    assertThat(replies(recipient("bob@x.example"))).containsExactly("550 3", "250 1");
    assertThat(replies(recipient("ann@fabrikam.com"))).containsExactly("250 2");
    assertThat(replies(recipient("x.example"))).containsExactly("550 3", "250 1");
    assertThat(replies(MessageFilter.ofDevice("10.0.0.1"))).containsExactly("250 1");
    assertThat(replies(MessageFilter.ofDevice("10.0.0.0/24"))).containsExactly("250 2", "250 1");
    assertThat(replies(MessageFilter.ofDevice("fax"))).containsExactly("250 2");
    assertThat(replies(between(Duration.ofHours(2), Duration.ofHours(1)))).containsExactly("250 2");
    assertThat(replies(outcomes("submission", MessageOutcome.REJECTED))).containsExactly("550 3");
    assertThat(replies(outcomes("other", MessageOutcome.REJECTED))).isEmpty();
  }

  private static MessageFilter sender(String text) {
    return new MessageFilter(
        text, "", "", Optional.empty(), Set.of(), Optional.empty(), Optional.empty());
  }

  private static MessageFilter recipient(String text) {
    return new MessageFilter(
        "", text, "", Optional.empty(), Set.of(), Optional.empty(), Optional.empty());
  }

  private static MessageFilter between(Duration from, Duration to) {
    return new MessageFilter(
        "",
        "",
        "",
        Optional.empty(),
        Set.of(),
        Optional.of(NOW.minus(from)),
        Optional.of(NOW.minus(to)));
  }

  private static MessageFilter outcomes(String listener, MessageOutcome outcome) {
    return new MessageFilter(
        "", "", "", Optional.of(listener), Set.of(outcome), Optional.empty(), Optional.empty());
  }

  @Test
  void aBatchThatIsWrittenAgainAddsNothing() throws Exception {
    Delta delta = new Delta(100);
    delta.add(Sightings.session("10.0.0.1", NOW, Sightings.TLS_1_0));
    delta.add(Trail.accepted("10.0.0.1", NOW, "@x.example"));
    store.write(new Batch(1, delta));
    store.write(new Batch(1, delta));
    assertThat(messages.page(MessageFilter.ALL, 0, 10).total()).isEqualTo(1);
  }

  @Test
  void theOldestAreDeletedBeyondTheLimit() throws Exception {
    for (int batch = 0; batch < 30; batch++) {
      MessageRecord[] ten = new MessageRecord[10];
      for (int i = 0; i < ten.length; i++) {
        ten[i] =
            message(
                "10.0.0.1",
                Duration.ofSeconds(300 - batch * 10 - i),
                "a@b.example",
                "@x.example",
                "250 " + (batch * 10 + i));
      }
      write(ten);
      assertThat(messages.page(MessageFilter.ALL, 0, 1).total()).isLessThanOrEqualTo(105);
    }
    assertThat(replies(MessageFilter.ALL)).hasSize(100).startsWith("250 299").endsWith("250 200");
  }

  @Test
  void oldMessagesAreDeletedAndTheirDevicesStay() throws Exception {
    write(
        message("10.0.0.1", Duration.ofDays(31), "a@b.example", "@x.example", "250 1"),
        message("10.0.0.1", Duration.ofDays(29), "a@b.example", "@x.example", "250 2"));
    assertThat(
            new Retention(database, Duration.ofDays(400), Duration.ofDays(30)).deleteExpired(NOW))
        .isZero();
    assertThat(replies(MessageFilter.ALL)).containsExactly("250 2");
  }

  @Test
  void longListsAreReadInPartsEachMessageOnce() throws Exception {
    Store large = new Store(database, 1000, 10_000);
    Delta delta = new Delta(100);
    for (int i = 0; i < 1201; i++) {
      assertThat(delta.add(Trail.accepted("10.0.0.1", NOW.plusMillis(i / 3), "@x.example")))
          .isTrue();
    }
    large.write(new Batch(1, delta));
    List<String> ids = new ArrayList<>();
    messages.forEach(MessageFilter.ALL, Long.MAX_VALUE, message -> ids.add(message.message().id()));
    assertThat(ids)
        .hasSize(1201)
        .doesNotHaveDuplicates()
        .isSortedAccordingTo((a, b) -> b.compareTo(a));
    List<String> some = new ArrayList<>();
    messages.forEach(MessageFilter.ALL, 700, message -> some.add(message.message().id()));
    assertThat(some).isEqualTo(ids.subList(0, 700));
  }

  @Test
  void aDeviceThatSentEachDayAndStoppedIsSilent() throws Exception {
    for (int day = 10; day >= 3; day--) {
      Duration ago = Duration.ofDays(day);
      write(
          message("10.0.0.1", ago, "a@b.example", "@x.example", "250 1"),
          message("10.0.0.2", ago, "a@b.example", "@x.example", "550 1"));
    }
    for (int day = 10; day >= 0; day--) {
      write(message("10.0.0.3", Duration.ofDays(day), "a@b.example", "@x.example", "250 1"));
    }
    // It is refused since: a message that is not accepted is silence.
    write(message("10.0.0.1", Duration.ofHours(1), "a@b.example", "@x.example", "550 1"));
    store.name(Map.of("10.0.0.1", "Scanner"));
    Instant latest = NOW.minus(Duration.ofDays(3));
    assertThat(messages.silentSenders(NOW))
        .containsExactly(new SilentSender("10.0.0.1", "Scanner", latest, 8, 1));
    assertThat(messages.silentSenders(latest.plus(Duration.ofDays(1)))).isEmpty();
  }

  @Test
  void messagesOfUnknownDevicesAddNoDays() throws Exception {
    Delta delta = new Delta(100);
    delta.add(Trail.accepted("10.0.0.1", NOW, "@x.example"));
    store.write(new Batch(1, delta));
    assertThat(messages.page(MessageFilter.ALL, 0, 10).total()).isEqualTo(1);
    long days = database.run(sql -> sql.number("SELECT count(*) FROM message_day"));
    assertThat(days).isZero();
  }

  private static AuditRecord audit(String who, String action, Duration ago) {
    return AuditRecord.of(
        NOW.minus(ago),
        who,
        "operator",
        "10.1.2.3",
        AuditRecord.Via.PAGES,
        action,
        Change.done("scanner", "a", "b"));
  }

  private static AuditLog.Filter auditFilter(String who, String action) {
    return new AuditLog.Filter(who, action, Optional.empty(), Optional.empty());
  }

  @Test
  void auditRecordsAreReadAsTheyWereWrittenTheLatestFirst() throws Exception {
    JdbcAudit audit = new JdbcAudit(database);
    AuditRecord first = audit("ops", "accounts.add", Duration.ofHours(2));
    AuditRecord second = audit("boss", "configuration.reload", Duration.ofHours(1));
    audit.add(List.of(first));
    audit.add(List.of(first, second));
    assertThat(audit.page(auditFilter("", ""), 0, 10).records()).containsExactly(second, first);
    assertThat(audit.page(auditFilter("", ""), 1, 1))
        .isEqualTo(new AuditLog.Page(List.of(first), 2));
    assertThat(audit.page(auditFilter("OP", ""), 0, 10).records()).containsExactly(first);
    assertThat(audit.page(auditFilter("", "reload"), 0, 10).records()).containsExactly(second);
    assertThat(audit.page(auditFilter("", "SCANNER"), 0, 10).total()).isEqualTo(2);
    assertThat(audit.page(auditFilter("%", ""), 0, 10).total()).isZero();
    Instant between = NOW.minus(Duration.ofMinutes(90));
    assertThat(
            audit
                .page(new AuditLog.Filter("", "", Optional.of(between), Optional.of(NOW)), 0, 10)
                .records())
        .containsExactly(second);
    assertThat(
            audit
                .page(new AuditLog.Filter("", "", Optional.empty(), Optional.of(between)), 0, 10)
                .records())
        .containsExactly(first);
    List<AuditRecord> all = new ArrayList<>();
    audit.forEach(auditFilter("", ""), all::add);
    assertThat(all).containsExactly(second, first);
  }

  @Test
  void auditRecordThatCannotBeReadIsShownAsUnreadableBesideTheOthers() throws Exception {
    JdbcAudit audit = new JdbcAudit(database);
    AuditRecord first = audit("ops", "accounts.add", Duration.ofHours(3));
    AuditRecord damaged = audit("ops", "accounts.add", Duration.ofHours(2));
    AuditRecord last = audit("boss", "configuration.reload", Duration.ofHours(1));
    audit.add(List.of(first, damaged, last));
    database.change(
        sql ->
            sql.update("UPDATE audit SET via = ? WHERE id = ?", "x".repeat(100_000), damaged.id()));
    List<AuditRecord> page = audit.page(auditFilter("", ""), 0, 10).records();
    List<AuditRecord> all = new ArrayList<>();
    audit.forEach(auditFilter("", ""), all::add);
    assertThat(all).isEqualTo(page).hasSize(3).startsWith(last).endsWith(first);
    assertThat(page.get(1).action()).isEqualTo("unreadable");
    assertThat(page.get(1).at()).as("its id has the time").isEqualTo(damaged.at());
    assertThat(page.get(1).after())
        .startsWith("this record cannot be read: [" + damaged.id())
        .hasSizeLessThan(10_001);
  }

  @Test
  void auditRecordsAreFoundBySubjectAndByNamesInAnyAlphabet() throws Exception {
    JdbcAudit audit = new JdbcAudit(database);
    List<AuditRecord> imported =
        AuditRecord.of(
                NOW,
                new AuditRecord.Actor(
                    "\u00c9dith",
                    "https://idp.example Sub-1\0",
                    "operator",
                    "",
                    AuditRecord.Via.API),
                "accounts.import",
                List.of(Change.done("first", "", "a"), Change.done("second", "", "b")))
            .stream()
            .map(each -> each.withInstance("gate-1:9464"))
            .toList();
    audit.add(List.of(audit("ops", "accounts.add", Duration.ofHours(1))));
    audit.add(imported);
    List<AuditRecord> found = audit.page(auditFilter("sub-1", ""), 0, 10).records();
    assertThat(found)
        .extracting(AuditRecord::object, AuditRecord::part, AuditRecord::instance)
        .containsExactly(
            tuple("second", "2 of 2", "gate-1:9464"), tuple("first", "1 of 2", "gate-1:9464"));
    assertThat(found).extracting(AuditRecord::subject).containsOnly("https://idp.example Sub-1 ");
    assertThat(audit.page(auditFilter("\u00c9DITH", ""), 0, 10).total()).isEqualTo(2);
  }

  @Test
  void aClockThatIsWrongForSomeHoursDoesNotDeleteTheAuditLog() throws Exception {
    JdbcAudit audit = new JdbcAudit(database);
    for (int day = 0; day < 30; day++) {
      audit.add(List.of(audit("ops", "a.b", Duration.ofDays(day))));
    }
    Retention retention = new Retention(database, Duration.ofDays(30), Duration.ofDays(30));
    retention.deleteExpired(NOW.plus(Duration.ofDays(3650)));
    assertThat(audit.page(auditFilter("", ""), 0, 1).total()).isEqualTo(29);
  }

  @Test
  void auditRecordsAreKeptFor400Days() throws Exception {
    JdbcAudit audit = new JdbcAudit(database);
    AuditRecord kept = audit("ops", "a.b", Duration.ofDays(400));
    audit.add(List.of(kept, audit("ops", "a.b", Duration.ofDays(400).plusSeconds(1))));
    new Retention(database, Duration.ofDays(30), Duration.ofDays(30)).deleteExpired(NOW);
    assertThat(audit.page(auditFilter("", ""), 0, 10).records()).containsExactly(kept);
  }

  private static SignedIn signedIn(Duration ago, String from) {
    return new SignedIn(NOW.minus(ago), from);
  }

  @Test
  void theLatestSignInOfEachAccountIsKept() throws Exception {
    JdbcSignIns signIns = new JdbcSignIns(database);
    SignedIn early = signedIn(Duration.ofHours(2), "10.1.2.3");
    SignedIn late = signedIn(Duration.ofHours(1), "10.1.2.4");
    signIns.write(Set.of(), Map.of("scanner", late, "fax", early));
    signIns.write(Set.of(), Map.of("scanner", early, "fax", late));
    assertThat(signIns.read()).isEqualTo(Map.of("scanner", late, "fax", late));

    signIns.write(Set.of("scanner", "fax"), Map.of("fax", early));
    assertThat(signIns.read()).as("added again").isEqualTo(Map.of("fax", early));
  }

  @Test
  void theOldestSignInsAreDeleted() throws Exception {
    JdbcSignIns signIns = new JdbcSignIns(database, 2);
    SignedIn now = signedIn(Duration.ZERO, "10.1.2.3");
    signIns.write(Set.of(), Map.of("oldest", signedIn(Duration.ofDays(1), "10.1.2.3")));
    signIns.write(Set.of(), Map.of("fax", now, "scanner", now));
    assertThat(signIns.read()).containsOnlyKeys("fax", "scanner");
  }

  private static final Subject SILENT = new Subject(Kind.SILENT_SENDER, "10.1.2.3", NOW);

  private static Acknowledgement acknowledged(Subject subject, Duration ago, String note) {
    return new Acknowledgement(subject, "ops", NOW.minus(ago), note);
  }

  @Test
  void anAcknowledgementCountsUntilItsSubjectChanges() throws Exception {
    JdbcAcknowledgements known = new JdbcAcknowledgements(database);
    Acknowledgement first = acknowledged(SILENT, Duration.ZERO, "switched off in 'August'");
    known.add(first);
    assertThat(known.find(SILENT)).contains(first);
    assertThat(known.find(new Subject(Kind.EXPIRY, "10.1.2.3", NOW))).isEmpty();
    Subject later = new Subject(Kind.SILENT_SENDER, "10.1.2.3", NOW.plusSeconds(1));
    assertThat(known.find(later)).as("it has sent again").isEmpty();
    known.add(acknowledged(later, Duration.ZERO, "again"));
    assertThat(known.find(SILENT)).as("one for each item").isEmpty();
    assertThat(known.find(later)).isPresent();
  }

  @Test
  void otherInstancesReadAcknowledgementsAndTakeThemBack() throws Exception {
    JdbcAcknowledgements here = new JdbcAcknowledgements(database);
    JdbcAcknowledgements there = new JdbcAcknowledgements(database);
    here.add(acknowledged(SILENT, Duration.ZERO, "known"));
    assertThat(there.find(SILENT)).isEmpty();
    there.read();
    assertThat(there.find(SILENT).orElseThrow().note()).isEqualTo("known");
    there.remove(SILENT);
    here.read();
    assertThat(here.find(SILENT)).isEmpty();
  }

  @Test
  void acknowledgementsAreKeptFor400Days() throws Exception {
    JdbcAcknowledgements known = new JdbcAcknowledgements(database);
    Subject old = new Subject(Kind.EXPIRY, "the CA", NOW);
    known.add(acknowledged(SILENT, Duration.ofDays(400), "kept"));
    known.add(acknowledged(old, Duration.ofDays(400).plusSeconds(1), "deleted"));
    new Retention(database, Duration.ofDays(30), Duration.ofDays(30)).deleteExpired(NOW);
    known.read();
    assertThat(known.find(SILENT)).isPresent();
    assertThat(known.find(old)).isEmpty();
  }
}
