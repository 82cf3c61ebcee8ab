package org.tlsuplift.proxy.ca;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/** Another process that opens a store, and watches that nothing in it is ever open to others. */
final class StoreOpener {
  private static final Set<PosixFilePermission> OWNER =
      Set.of(
          PosixFilePermission.OWNER_READ,
          PosixFilePermission.OWNER_WRITE,
          PosixFilePermission.OWNER_EXECUTE);

  private StoreOpener() {}

  /** Prints the fingerprint of the CA in the directory named by the argument. */
  public static void main(String[] arguments) throws Exception {
    Path directory = Path.of(arguments[0]);
    AtomicBoolean done = new AtomicBoolean();
    AtomicReference<String> seen = new AtomicReference<>("");
    Thread watcher =
        new Thread(
            () -> {
              while (!done.get()) {
                watch(directory, seen);
              }
            });
    watcher.setDaemon(true);
    watcher.start();
    IssuingCa ca = new CaStore(directory).open(CaFixtures.quick(CaFixtures.NAMES), line -> {});
    done.set(true);
    watcher.join();
    System.out.println(CaExport.sha256(ca.certificate()) + seen.get());
  }

  private static void watch(Path directory, AtomicReference<String> seen) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.toList()) {
        if (!OWNER.containsAll(Files.getPosixFilePermissions(file))) {
          seen.set(" open: " + file);
        }
      }
    } catch (IOException | UncheckedIOException moved) {
      // Files come and go here.
      Thread.onSpinWait();
    }
  }
}
