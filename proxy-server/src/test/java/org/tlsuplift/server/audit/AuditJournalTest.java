package org.tlsuplift.server.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.server.audit.AuditRecord.Actor;
import org.tlsuplift.server.audit.AuditRecord.Via;
import org.tlsuplift.server.feature.Change;

class AuditJournalTest {
  private static final Instant AT = Instant.parse("2026-11-30T12:00:00.123Z");

  @TempDir Path directory;
  private AuditJournal journal;

  @BeforeEach
  void open() {
    journal = new AuditJournal(directory);
  }

  private static AuditRecord written(String object) {
    return AuditRecord.of(
        AT, "boss", "administrator", "10.1.2.3", Via.PAGES, "a.b", Change.done(object, "x", "y"));
  }

  private static List<AuditRecord> drained(AuditJournal from) throws IOException {
    List<AuditRecord> all = new ArrayList<>();
    from.drain(all::addAll);
    return all;
  }

  private Path file() {
    return directory.resolve("audit.journal");
  }

  @Test
  void passesOnWhatSeveralProcessesWroteOnceAndInOrder() throws Exception {
    AuditRecord odd = written("tab\t line\n é % + \0");
    AuditRecord second = written("second");
    journal.append(odd);
    new AuditJournal(directory).append(second);
    assertThat(drained(journal)).containsExactly(odd, second);
    assertThat(drained(journal)).isEmpty();
  }

  @Test
  void givesUpWhileAnotherProgramKeepsTheLock() throws Exception {
    Process holder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "org.tlsuplift.server.process.LockFileTest$Holder",
                file().toString())
            .start();
    try (BufferedReader output = holder.inputReader(StandardCharsets.UTF_8)) {
      assertThat(output.readLine()).isEqualTo("held");
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(
              () -> new AuditJournal(directory, Duration.ofMillis(50)).append(written("one")))
          .withMessageStartingWith(
              "%s cannot be written: run it again: another program has had the lock"
                  .formatted(file()));
    } finally {
      holder.destroyForcibly().waitFor();
    }
    journal.append(written("two"));
    assertThat(drained(journal)).extracting(AuditRecord::object).containsExactly("two");
  }

  @Test
  void keepsTheRecordsIfTheyCouldNotBePassedOn() throws Exception {
    journal.append(written("one"));
    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(
            () ->
                journal.drain(
                    records -> {
                      throw new SQLException("away");
                    }));
    journal.append(written("two"));
    assertThat(drained(journal)).extracting(AuditRecord::object).containsExactly("one", "two");
  }

  @Test
  void findsRoomForAllRecordsOfALargeImport() throws Exception {
    String text = "\u00fc".repeat(2000);
    List<Change> changes = Collections.nCopies(1000, Change.done("scanner", text, text));
    String name = "\u00fc".repeat(64);
    journal.append(
        AuditRecord.of(AT, new Actor(name, name, "operator", "::1", Via.API), "a.b", changes));
    assertThat(AuditJournal.room(changes)).isGreaterThan((int) Files.size(file()));
    Files.delete(file());
    journal.check(changes);
    assertThat(file()).isEmptyFile();
  }

  @Test
  void followsNoLinkOfAnotherUser() throws Exception {
    assumeTrue(Files.getAttribute(directory, "unix:uid").equals(0), "needs root");
    Path other = Files.createDirectory(directory.resolve("other"));
    Path victim = Files.writeString(other.resolve("victim"), "content");
    Files.setPosixFilePermissions(victim, PosixFilePermissions.fromString("rw-r--r--"));
    Path data = Files.createDirectory(directory.resolve("data"));
    Files.setAttribute(data, "unix:uid", 12_345);
    Path link = data.resolve("audit.journal");
    for (boolean hard : List.of(false, true)) {
      var unused = hard ? Files.createLink(link, victim) : Files.createSymbolicLink(link, victim);
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> new AuditJournal(data).append(written("one")))
          .withMessageContaining(link.toString());
      assertThat(victim).hasContent("content");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(victim)))
          .isEqualTo("rw-r--r--");
      assertThat(Files.getAttribute(victim, "unix:uid")).isEqualTo(0);
      Files.delete(link);
    }
    new AuditJournal(data).append(written("one"));
    assertThat(Files.getAttribute(link, "unix:uid")).as("the daemon reads it").isEqualTo(12_345);
  }

  @Test
  void onlyItsOwnerReadsIt() throws Exception {
    journal.append(written("one"));
    assertThat(Files.getPosixFilePermissions(file()))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void namesTheFileThatCannotBeWritten() {
    AuditJournal nowhere = new AuditJournal(directory.resolve("missing"));
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> nowhere.append(written("one")))
        .withMessageContaining("missing/audit.journal cannot be written");
    assertThatExceptionOfType(IOException.class).isThrownBy(nowhere::check);
  }

  @Test
  void refusesWhenItIsFull() throws Exception {
    try (FileChannel channel =
        FileChannel.open(file(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      channel.position(17 << 20);
      channel.write(ByteBuffer.wrap(new byte[] {'\n'}));
    }
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> journal.append(written("one")))
        .withMessageContaining("it is full");
  }

  @Test
  void skipsALineThatWasCut() throws Exception {
    journal.append(written("one"));
    Files.writeString(file(), "018f\t12", StandardOpenOption.APPEND);
    journal.append(written("two"));
    assertThat(drained(journal)).extracting(AuditRecord::object).containsExactly("one", "two");
  }

  @Test
  void cutsLongTexts() {
    assertThat(written("x".repeat(50_000)).object()).hasSize(AuditRecord.MAX_TEXT).endsWith("...");
  }

  @Test
  void keepsAllThatAFormCanSend() {
    String networks = "10.1.2.0/24 ".repeat(700);
    assertThat(written(networks).object()).isEqualTo(networks);
  }

  @Test
  void writesTheRecordsOfOneActionTogetherInTheirOrder() throws Exception {
    List<AuditRecord> together =
        AuditRecord.of(
            AT,
            new Actor("alice", "issuer sub", "operator", "10.1.2.3", Via.PAGES),
            "accounts.import",
            IntStream.rangeClosed(1, 1000)
                .mapToObj(i -> Change.done("device-" + i, "", "x"))
                .toList());
    assertThat(together).extracting(AuditRecord::at).containsOnly(AT);
    assertThat(together).extracting(AuditRecord::subject).containsOnly("issuer sub");
    assertThat(together.get(11).part()).isEqualTo("12 of 1000");
    assertThat(together).extracting(AuditRecord::id).doesNotHaveDuplicates().isSorted();
    assertThat(together.get(0).id()).startsWith(together.get(999).id().substring(0, 24));
    assertThat(written("alone").part()).isEmpty();
    journal.append(together);
    assertThat(drained(journal)).isEqualTo(together);
  }

  @Test
  void readsRecordsOfEarlierVersions() throws Exception {
    Files.writeString(
        file(),
        "0199d0000000aaaaaaaaaaaaaaaa\t1764504000123\tboss\tadministrator\t10.1.2.3\tpages\t"
            + "accounts.add\tfax\t\tmailbox+fax%40contoso.com\tdone\n");
    AuditRecord read = drained(journal).get(0);
    assertThat(read.after()).isEqualTo("mailbox fax@contoso.com");
    assertThat(read.subject() + read.part() + read.instance()).isEmpty();
  }

  @Test
  void writersDoNotWaitForTheReceiverAndLoseNothing() throws Exception {
    journal.append(written("one"));
    List<AuditRecord> received = new ArrayList<>();
    boolean emptied =
        journal.<IOException>drain(
            records -> {
              received.addAll(records);
              journal.append(written("meanwhile"));
            });
    assertThat(emptied).isFalse();
    assertThat(received).extracting(AuditRecord::object).containsExactly("one");
    assertThat(drained(journal))
        .extracting(AuditRecord::object)
        .containsExactly("one", "meanwhile");
    assertThat(drained(journal)).isEmpty();
  }

  @Test
  void passesOnItsRecordsWhenItIsFull() throws Exception {
    String large = "x".repeat(AuditRecord.MAX_TEXT);
    while (Files.notExists(file()) || Files.size(file()) <= 16 << 20) {
      journal.append(Collections.nCopies(500, written(large)));
    }
    journal.signInRefused(InetAddress.getByName("10.9.9.9"));
    journal.close();
    assertThat(drained(journal)).hasSizeGreaterThan(1000);
    journal.close();
    assertThat(drained(journal)).extracting(AuditRecord::from).containsExactly("10.9.9.9");
  }

  @Test
  void theRefusedSignInsOfTheLastMinuteAreRecordedAtTheEnd() throws Exception {
    journal.signInRefused(InetAddress.getByName("10.9.9.9"));
    journal.close();
    assertThat(drained(new AuditJournal(directory)))
        .singleElement()
        .extracting(AuditRecord::after)
        .isEqualTo("1 in this minute, 1 of them from 10.9.9.9");
    journal.close();
    assertThat(drained(journal)).as("written once").isEmpty();
  }

  @Test
  void countsRefusedSignInsByMinute() throws Exception {
    RefusedSignIns refused = new RefusedSignIns();
    InetAddress guesser = InetAddress.getByName("10.9.9.9");
    for (int i = 0; i < 7; i++) {
      refused.add(guesser, AT.plusSeconds(i));
    }
    refused.add(InetAddress.getByName("10.1.1.1"), AT);
    assertThat(refused.ended(AT.plusSeconds(30))).as("the minute has not ended").isEmpty();
    refused.add(guesser, AT.plus(Duration.ofMinutes(1)));
    AuditRecord minute = refused.ended(AT.plus(Duration.ofMinutes(1))).get(0);
    refused.written(List.of(minute));
    assertThat(minute.at()).isEqualTo("2026-11-30T12:00:00Z");
    assertThat(minute.from()).isEqualTo("10.9.9.9");
    assertThat(minute.after()).isEqualTo("8 in this minute, 7 of them from 10.9.9.9");
    assertThat(minute.result()).isEqualTo(Change.Result.REFUSED);
    List<AuditRecord> second = refused.ended(AT.plus(Duration.ofMinutes(2)));
    assertThat(second).hasSize(1);
    assertThat(refused.ended(AT.plus(Duration.ofMinutes(3)))).as("not written").isEqualTo(second);
    refused.written(second);
    assertThat(refused.ended(AT.plus(Duration.ofMinutes(3)))).isEmpty();
  }
}
