package org.tlsuplift.server.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.testing.Peer;
import org.tlsuplift.proxy.testing.Program;

class OwnerOnlyFileTest {
  private static final int WRITERS = 4;
  private static final int ROUNDS = 200;

  @TempDir Path folder;

  private final ExecutorService threads = Executors.newFixedThreadPool(WRITERS);

  @AfterEach
  void end() {
    threads.shutdownNow();
  }

  @Test
  void oneOfSeveralWritersCreatesAFileAndOthersSeeItComplete() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      Path file = folder.resolve("key" + round);
      List<byte[]> seen =
          atOnce(writer -> writer == 0 ? readSoon(file) : createOrRead(file, content(writer)));

      byte[] kept = Files.readAllBytes(file);
      assertThat(kept).hasSize(content(0).length);
      assertThat(seen).allSatisfy(each -> assertThat(each).isEqualTo(kept));
    }
    assertThat(folder.toFile().list()).hasSize(ROUNDS);
  }

  private interface Work {
    void run() throws IOException;
  }

  @Test
  void rootFollowsNoLinkOfAnotherUser() throws Exception {
    assumeTrue(Files.getAttribute(folder, "unix:uid").equals(0), "needs root");
    Path victim = Files.writeString(folder.resolve("victim"), "content");
    Files.setPosixFilePermissions(victim, PosixFilePermissions.fromString("rw-r--r--"));
    Path own = Files.writeString(folder.resolve("own"), "content");
    Files.setAttribute(own, "unix:uid", 12_345);
    Path data = Files.createDirectory(folder.resolve("data"));
    Files.setAttribute(data, "unix:uid", 12_345);
    Path link = data.resolve("link");
    Path made = Files.writeString(data.resolve("made"), "new");
    for (boolean hard : List.of(false, true)) {
      var unused = hard ? Files.createLink(link, victim) : Files.createSymbolicLink(link, victim);
      List<Work> works =
          List.of(
              () -> FileModes.prepare(link, FileModes.Readers.OWNER),
              () -> FileModes.open(link, FileModes.Readers.OWNER).close(),
              () -> FileModes.leaveToOwner(link),
              () -> OwnerOnlyFile.replace(link, new byte[1]),
              () -> OwnerOnlyFile.moveAndErase(made, link),
              () -> OwnerOnlyFile.erase(link),
              () -> OwnerOnlyFile.read(link));
      for (Work work : works) {
        assertThatThrownBy(work::run)
            .isInstanceOf(IOException.class)
            .hasMessage(link + ": it is a link to a file of another user; delete the link");
        assertThat(victim).hasContent("content");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(victim)))
            .isEqualTo("rw-r--r--");
        Files.deleteIfExists(link);
        unused = hard ? Files.createLink(link, victim) : Files.createSymbolicLink(link, victim);
      }
      Files.delete(link);
    }
    Files.createSymbolicLink(link, victim);
    FileModes.giveTo(data, link);
    assertThat(Files.getAttribute(victim, "unix:uid")).as("gives away the link").isEqualTo(0);
    Files.delete(link);
    Files.createSymbolicLink(link, own);
    OwnerOnlyFile.replace(link, new byte[1]);
    assertThat(own).as("a link to a file of the same user").hasBinaryContent(new byte[1]);
    Files.createSymbolicLink(data.resolve("etc"), folder);
    assertThatThrownBy(
            () -> FileModes.open(data.resolve("etc/victim"), FileModes.Readers.OWNER).close())
        .as("a link in place of a directory")
        .hasMessageContaining("it is a link to a file of another user");
    try (FileChannel opened = FileChannel.open(victim)) {
      FileModes.refuseElsewhere(victim);
      assertThatThrownBy(() -> FileModes.refuseElsewhere(data.resolve("etc/victim")))
          .as("a link that was there when root opened the file")
          .hasMessage(data.resolve("etc/victim") + ": it was a link for a moment; run it again");
      assertThat(opened.size()).isEqualTo(7);
    }
  }

  /** A command of root replaces files of the daemon, which must be able to read them afterwards. */
  @Test
  void aReplacedFileKeepsOwnerGroupAndMode() throws Exception {
    assumeTrue(Files.getAttribute(folder, "unix:uid").equals(0), "needs root");
    Path data = Files.createDirectory(folder.resolve("data"));
    Files.setAttribute(data, "unix:uid", 12_345);
    Path file = Files.writeString(data.resolve("accounts.yaml"), "old");
    for (String mode : List.of("rw-------", "rw-r-----")) {
      Files.setAttribute(file, "unix:uid", 12_345);
      Files.setAttribute(file, "unix:gid", 12_346);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
      OwnerOnlyFile.replace(file, new byte[1]);
      assertThat(owners(file)).isEqualTo("12345:12346 " + mode);
    }
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    OwnerOnlyFile.replace(file, new byte[1]);
    assertThat(owners(file)).as("not for everybody").isEqualTo("12345:12346 rw-------");
    OwnerOnlyFile.replace(data.resolve("new"), new byte[1]);
    assertThat(owners(data.resolve("new"))).isEqualTo("12345:0 rw-------");
    FileModes.prepare(data.resolve("lock"), FileModes.Readers.OWNER);
    assertThat(owners(data.resolve("lock"))).isEqualTo("12345:0 rw-------");
    assertThatThrownBy(() -> OwnerOnlyFile.read(data))
        .hasMessage(data + ": it is not a regular file");
    FileModes.directory(data.resolve("sign-in"), FileModes.Readers.OWNER);
    assertThat(owners(data.resolve("sign-in"))).isEqualTo("12345:0 rwx------");
    Path roots = Files.writeString(data.resolve("root's"), "old");
    OwnerOnlyFile.replace(roots, new byte[1]);
    assertThat(owners(roots)).startsWith("0:0 ");
  }

  private static String owners(Path file) throws IOException {
    return "%s:%s %s"
        .formatted(
            Files.getAttribute(file, "unix:uid"),
            Files.getAttribute(file, "unix:gid"),
            PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
  }

  /** A volume of Kubernetes belongs to root, and a group may write there (fsGroup). */
  @Test
  void aUserWhoCannotGiveAFileAwayKeepsIt() throws Exception {
    assumeTrue(Files.getAttribute(folder, "unix:uid").equals(0), "needs root");
    String setpriv = Peer.require("setpriv", "util-linux").toString();
    Path data = Files.createDirectory(folder.resolve("data"));
    Path made = Files.createFile(data.resolve("made"));
    Files.setAttribute(made, "unix:uid", 12_345);
    List<String> command =
        List.of(
            setpriv,
            "--bounding-set=-chown",
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Giver.class.getName(),
            data.toString(),
            made.toString());
    // The class path may be relative.
    Path here = Path.of("").toAbsolutePath();
    assertThat(Program.must(here, command)).isEqualTo("done");
    assertThat(Files.getAttribute(made, "unix:uid")).isEqualTo(12_345);

    Files.setAttribute(data, "unix:uid", 12_345);
    Files.setAttribute(made, "unix:uid", 0);
    assertThat(Program.run(here, command).output())
        .as("root must know that the daemon cannot read its file")
        .contains(made + ": Operation not permitted");
  }

  /** Gives a file to the owner of a directory. */
  static final class Giver {
    private Giver() {}

    public static void main(String[] arguments) throws IOException {
      FileModes.giveTo(Path.of(arguments[0]), Path.of(arguments[1]));
      System.out.print("done");
    }
  }

  @Test
  void rootFollowsNoLinkThatAppearsMeanwhile() throws Exception {
    assumeTrue(Files.getAttribute(folder, "unix:uid").equals(0), "needs root");
    Path victim = Files.writeString(folder.resolve("victim"), "content");
    Path data = Files.createDirectory(folder.resolve("data"));
    Files.setAttribute(data, "unix:uid", 12_345);
    Path file = data.resolve("file");
    AtomicBoolean ended = new AtomicBoolean();
    Future<Void> attacker =
        threads.submit(
            () -> {
              Path other = data.resolve("other");
              while (!ended.get()) {
                Files.setAttribute(Files.writeString(other, "old"), "unix:uid", 12_345);
                Files.move(other, file, StandardCopyOption.ATOMIC_MOVE);
                Files.createSymbolicLink(other, victim);
                Files.move(other, file, StandardCopyOption.ATOMIC_MOVE);
              }
              return null;
            });
    for (int round = 0; round < ROUNDS; round++) {
      try {
        if (round % 2 == 0) {
          OwnerOnlyFile.replace(file, new byte[1]);
        } else {
          OwnerOnlyFile.erase(file);
        }
      } catch (IOException link) {
        assertThat(link).isNotNull();
      }
    }
    ended.set(true);
    attacker.get();
    assertThat(victim).hasContent("content");
  }

  @Test
  void concurrentWritersLeaveTheContentOfOneOfThem() throws Exception {
    Path file = folder.resolve("tokens");
    for (int round = 0; round < ROUNDS; round++) {
      var unused =
          atOnce(
              writer -> {
                OwnerOnlyFile.replace(file, content(writer));
                return content(writer);
              });

      byte[] kept = Files.readAllBytes(file);
      assertThat(kept).isEqualTo(content(kept[0]));
    }
    assertThat(folder.toFile().list()).containsExactly("tokens");
  }

  @Test
  void onlyTheOwnerCanReadTheFile() throws Exception {
    Path created = folder.resolve("created");
    Path replaced = Files.writeString(folder.resolve("replaced"), "old");
    OwnerOnlyFile.create(created, content(1));
    OwnerOnlyFile.replace(replaced, content(1));
    assertThat(List.of(created, replaced))
        .allSatisfy(
            file ->
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------"));
  }

  /** What {@code TokenStore} does: the content of a file that the first one creates. */
  private static byte[] createOrRead(Path file, byte[] content) throws Exception {
    if (!Files.exists(file)) {
      try {
        OwnerOnlyFile.create(file, content);
      } catch (FileAlreadyExistsException faster) {
        assertThat(file).exists();
      }
    }
    return Files.readAllBytes(file);
  }

  private static byte[] readSoon(Path file) throws Exception {
    while (!Files.exists(file)) {
      Thread.onSpinWait();
    }
    return Files.readAllBytes(file);
  }

  private static byte[] content(int writer) {
    byte[] content = new byte[64];
    Arrays.fill(content, (byte) writer);
    return content;
  }

  private interface Step {
    byte[] of(int writer) throws Exception;
  }

  private List<byte[]> atOnce(Step step) throws Exception {
    CyclicBarrier start = new CyclicBarrier(WRITERS);
    List<Callable<byte[]>> steps = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      int writer = i;
      steps.add(
          () -> {
            start.await();
            return step.of(writer);
          });
    }
    List<byte[]> done = new ArrayList<>();
    for (Future<byte[]> each : threads.invokeAll(steps)) {
      done.add(each.get());
    }
    return done;
  }
}
