package org.tlsuplift.server.authority;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.testing.CaFixtures;
import org.tlsuplift.proxy.tls.chain.Fingerprint;

/** Another process that opens a store, and checks that its files are never open to other users. */
final class StoreOpener {
  private static final Set<PosixFilePermission> OWNER =
      Set.of(
          PosixFilePermission.OWNER_READ,
          PosixFilePermission.OWNER_WRITE,
          PosixFilePermission.OWNER_EXECUTE);

  private StoreOpener() {}

  /**
   * Prints that it is ready, waits for a line, opens all directories in turn, and prints a line
   * with their fingerprints and the files that were open to other users.
   *
   * @param arguments the directories, all in one private directory
   */
  public static void main(String[] arguments) throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    AtomicReference<String> seen = new AtomicReference<>("");
    Path above = Path.of(arguments[0], "..");
    Thread watcher =
        new Thread(
            () -> {
              while (!done.get()) {
                watch(above, seen);
              }
            });
    watcher.setDaemon(true);
    watcher.start();
    System.out.println("ready");
    if (System.in.read() < 0) {
      return;
    }
    List<String> fingerprints = new ArrayList<>();
    for (String directory : arguments) {
      IssuingCa ca =
          new CaStore(Path.of(directory)).open(CaFixtures.quick(CaFixtures.NAMES), line -> {});
      fingerprints.add(Fingerprint.sha256(ca.certificate()));
    }
    done.set(true);
    watcher.join();
    System.out.println(String.join(" ", fingerprints) + seen.get());
  }

  private static void watch(Path directory, AtomicReference<String> seen) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.toList()) {
        if (!OWNER.containsAll(Files.getPosixFilePermissions(file))) {
          seen.set(" open: " + file);
        }
      }
    } catch (IOException | UncheckedIOException moved) {
      // Files appear and disappear in the directory.
      Thread.onSpinWait();
    }
  }
}
