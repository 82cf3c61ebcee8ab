package org.tlsuplift.server.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.spool.MessageSpool.Result;
import org.tlsuplift.proxy.testing.Leftovers;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.proxy.testing.Peer;
import org.tlsuplift.server.database.Database;
import org.tlsuplift.server.database.DatabasePlace;
import org.tlsuplift.server.mail.OutgoingMessage;

/** The spool of one daemon. */
@OneJdk
class SqliteSpoolTest extends SpoolContract {
  @TempDir Path folder;

  @Override
  JdbcSpoolStore open() {
    return JdbcSpoolStore.open(place(), null, Clock.systemUTC());
  }

  @Override
  DatabasePlace.Embedded place() {
    return new DatabasePlace.Embedded(folder.resolve("spool.db"));
  }

  @Test
  void onlyItsOwnerCanReadItsFiles() throws Exception {
    kept("a", "s", new byte[10]);
    for (String name : List.of("spool.db", "spool.db-wal", "spool.db-shm", "spool.key")) {
      assertThat(Files.getPosixFilePermissions(folder.resolve(name)))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }
  }

  @Test
  void filesHaveTheEnvelopeAndNothingOfTheMessage() throws Exception {
    String content = "Subject: salaries\r\n\r\n" + "secret figures\r\n".repeat(40_000);
    kept("scanner@contoso.com", "s", content.getBytes(StandardCharsets.US_ASCII));
    String all = "";
    for (String name : List.of("spool.db", "spool.db-wal")) {
      all += Files.readString(folder.resolve(name), StandardCharsets.ISO_8859_1);
    }

    assertThat(all).contains("scanner@contoso.com").doesNotContain("salaries", "secret figures");
  }

  @Test
  void fullDiskRefusesNewMailUntilMessagesHaveLeft() throws Exception {
    OutgoingMessage large = kept("a", "s", new byte[40_000_000]);
    store.usable = () -> 0;
    assertThat(KeptMail.keep(spool, KeptMail.envelope("a", "s"), new byte[10]))
        .isEqualTo(new Result.Refused("452 4.3.1 The disk of TLS Uplift is full; try again later"));
    assertThat(spool.closed()).contains("no space left on the disk");
    assertThat(store.closed()).isEqualTo(spool.closed());
    assertThat(store.claim(1, Set.of())).hasSize(1);

    assertThat(store.finish(large, null)).isTrue();

    store.usable = () -> 8 << 20;
    assertThat(store.closed()).isEmpty();
    kept("a", "s", new byte[10]);
    assertThat(spool.closed()).isEmpty();
  }

  @Test
  void spoolIsClosedIfItsLogCannotGrowEvenIfItsFileHasSpace() throws Exception {
    OutgoingMessage large = kept("a", "s", new byte[40_000_000]);
    assertThat(store.claim(1, Set.of())).hasSize(1);
    assertThat(store.finish(large, null)).isTrue();
    store.close();
    JdbcSpoolStore again = another();
    assertThat(again.totals().messages()).isZero();

    again.usable = () -> 0;
    assertThat(again.closed()).contains("no space left on the disk");
    assertThat(again.intake(true, Duration.ofDays(1), 1 << 30, "uplift-1").closed()).isNotEmpty();
    again.usable = () -> 8 << 20;
    assertThat(again.closed()).isEmpty();
  }

  @Test
  void givesTheDiskTheSpaceOfMessagesThatHaveLeft() throws Exception {
    OutgoingMessage large = kept("a", "s", new byte[40_000_000]);
    OutgoingMessage held = kept("a", "s", new byte[10]);
    assertThat(store.change(held.id(), SpoolChange.HOLD)).isPresent();
    assertThat(store.claim(1, Set.of())).hasSize(1);
    assertThat(store.finish(large, null)).isTrue();
    assertThat(folder.resolve("spool.db").toFile().length()).isGreaterThan(30_000_000);

    assertThat(another().claim(1, Set.of())).isEmpty();

    assertThat(folder.resolve("spool.db").toFile().length()).isLessThan(1_000_000);
    assertThat(KeptMail.digest(store, held)).isEqualTo(KeptMail.digest(new byte[10]));
  }

  @Test
  void eachCommitWaitsForTheDisk() throws Exception {
    try (Database database = Database.forWriting(place(), Database.Durability.POWER_CUT)) {
      database.createFile();
      assertThat(database.<Long>run(sql -> sql.number("PRAGMA synchronous"))).isEqualTo(2);
    }
  }

  @Test
  void neverReplacesKeyOfMessagesThatWait() throws Exception {
    Path key = folder.resolve("spool.key");
    OutgoingMessage message = kept("a", "s", new byte[10]);
    String right = Files.readString(key);
    store.close();
    Files.delete(key);
    assertThatThrownBy(() -> another().claim(1, Set.of())).hasMessageContaining("spool.key");
    assertThat(key).doesNotExist();
    assertThat(another().totals().messages()).as("counted without the key").isEqualTo(1);
    Files.writeString(key, "damaged");
    assertThatThrownBy(() -> another().claim(1, Set.of()))
        .hasMessageContaining("spool.key is damaged");
    Files.writeString(key, "00".repeat(32));
    JdbcSpoolStore wrong = another();
    assertThatThrownBy(() -> wrong.claim(1, Set.of())).hasMessageContaining("need another key");
    assertThat(
            KeptMail.keep(
                wrong.intake(true, Duration.ofDays(1), 1 << 20, "uplift-1"),
                KeptMail.envelope("a", "s"),
                new byte[10]))
        .isEqualTo(
            new Result.Refused(
                "451 4.3.0 TLS Uplift cannot keep the message now; try again later"));
    Files.writeString(key, right);
    assertThat(wrong.claim(1, Set.of())).containsExactly(message);
    assertThat(KeptMail.digest(wrong, message)).isEqualTo(KeptMail.digest(new byte[10]));
  }

  @Test
  void commandOpensTheFileWhileTheDaemonRuns() throws Exception {
    JdbcSpoolStore command = JdbcSpoolStore.forCommand(place(), Clock.systemUTC());
    assertThatThrownBy(() -> command.list(1)).hasMessageContaining("no message waits");
    assertThat(folder.resolve("spool.db")).doesNotExist();
    OutgoingMessage message = kept("a", "s", new byte[10]);
    assertThat(command.list(1)).containsExactly(message);
    assertThat(command.change(message.id(), SpoolChange.HOLD)).isPresent();
    assertThat(store.claim(1, Set.of())).isEmpty();
    assertThat(command.change(message.id(), SpoolChange.RETRY)).isPresent();
    assertThat(store.claim(1, Set.of())).hasSize(1);
    assertThat(command.change(message.id(), SpoolChange.DROP)).as("it is claimed").contains(true);
    assertThat(command.list(1)).isEmpty();
    command.close();
  }

  @Test
  void claimsFromAClockThatWasAheadEndAtTheNextStart() throws Exception {
    kept("a", "s", new byte[10]);
    execute("UPDATE spool_message SET owner = 'killed', lease_until = 9000000000000");
    assertThat(another().claim(1, Set.of())).hasSize(1);
  }

  @Test
  void keptMessagesSurviveKillAndOthersAreNotKept() throws Exception {
    Map<String, String> kept = new HashMap<>();
    Set<String> refused = new HashSet<>();
    for (int run = 0; run < 5; run++) {
      Process child = child(List.of(), folder, "r" + run + "-");
      int most = 1 + random.nextInt(60);
      int lines = 0;
      try (BufferedReader output = child.inputReader(StandardCharsets.UTF_8)) {
        for (String line = output.readLine(); line != null; line = output.readLine()) {
          read(line, kept, refused);
          if (++lines == most) {
            // SIGKILL; what it has printed before is still read.
            boolean unused = child.toHandle().destroyForcibly();
          }
        }
      }
      child.waitFor();
    }
    assertThat(kept).isNotEmpty();
    assertThat(refused).isNotEmpty();
    check(store, kept, refused);
  }

  @Test
  void refusesMailWhileTheDiskIsFull() throws Exception {
    Peer.requireUse(
        "the right to mount",
        "run the tests outside a container",
        Peer.require("unshare", "util-linux").toString(),
        "--map-root-user",
        "--mount",
        "sh",
        "-ec",
        "mount -t tmpfs none \"$0\"",
        folder.toString());
    Path disk = Files.createDirectory(folder.resolve("disk"));
    String mount = "mount -t tmpfs -o size=48m none \"$0\" && exec \"$@\"";
    List<String> onSmallDisk =
        List.of("unshare", "--map-root-user", "--mount", "sh", "-c", mount, disk.toString());
    Map<String, String> kept = new HashMap<>();
    Set<String> refused = new HashSet<>();
    List<String> replies = new ArrayList<>();
    Process child = child(onSmallDisk, disk, "s");
    try (BufferedReader output = child.inputReader(StandardCharsets.UTF_8)) {
      String line = output.readLine();
      while (!line.equals("end")) {
        read(line, kept, refused);
        replies.add(line.replaceAll(".*reply=", ""));
        line = output.readLine();
      }
      for (String name : List.of("spool.db", "spool.db-wal", "spool.key")) {
        Path seen = Path.of("/proc/" + child.pid() + "/root" + disk).resolve(name);
        Files.copy(seen, Files.createDirectories(folder.resolve("copy")).resolve(name));
      }
    } finally {
      child.destroyForcibly().waitFor();
    }
    assertThat(kept).isNotEmpty();
    assertThat(replies).contains("452 4.3.1 The disk of TLS Uplift is full; try again later]");
    DatabasePlace copy = new DatabasePlace.Embedded(folder.resolve("copy/spool.db"));
    try (JdbcSpoolStore opened = JdbcSpoolStore.open(copy, null, Clock.systemUTC())) {
      check(opened, kept, refused);
    }
  }

  private static void read(String line, Map<String, String> kept, Set<String> refused) {
    String[] words = line.split(" ", -1);
    if (words[0].equals("kept") && words.length == 3 && words[2].length() == 64) {
      kept.put(words[1], words[2]);
    } else if (words[0].equals("refused") && words.length > 2) {
      refused.add(words[1]);
    }
  }

  private static void check(SpoolStore store, Map<String, String> kept, Set<String> refused)
      throws Exception {
    Map<String, String> missing = new HashMap<>(kept);
    for (OutgoingMessage each : store.list(100_000)) {
      String digest = KeptMail.digest(store, each);
      String printed = missing.remove(each.id());
      assertThat(printed == null || printed.equals(digest)).isTrue();
      assertThat(refused).doesNotContain(each.envelope().sender());
    }
    assertThat(missing).isEmpty();
  }

  private static Process child(List<String> before, Path folder, String senders) throws Exception {
    List<String> command = new ArrayList<>(before);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            KeptMail.class.getName(),
            folder.resolve("spool.db").toString(),
            senders));
    return Leftovers.start(new ProcessBuilder(command).redirectErrorStream(true));
  }
}
