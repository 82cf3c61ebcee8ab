package org.tlsuplift.server.it.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.tlsuplift.proxy.testing.Leftovers;

/**
 * The folder, processes and sockets of one test class, ended together, the newest first.
 *
 * <p>The folder can be passed through by every user, because nginx that is started as root serves
 * as another.
 */
public final class Lab implements BeforeAllCallback, BeforeEachCallback, AfterAllCallback {
  /** Those of all classes in this JVM, since it takes long to make one. */
  private static final List<KeyPair> RSA_KEYS = new ArrayList<>();

  private final Deque<AutoCloseable> resources = new ArrayDeque<>();
  private final Path folder;
  private int files;
  private int rsaKeys;
  private boolean started;

  public Lab() {
    try {
      folder =
          Files.setPosixFilePermissions(
              Leftovers.directory("uplift-it"), PosixFilePermissions.fromString("rwxr-xr-x"));
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    // Where a run is broken off, nothing may be left behind either.
    Thread end = new Thread(this::end);
    Runtime.getRuntime().addShutdownHook(end);
    started = true;
    resources.addLast(() -> Runtime.getRuntime().removeShutdownHook(end));
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    assertThat(started).as("the lab is in a static field, so that JUnit ends it").isTrue();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    end();
  }

  /** Closes the resource after the last test of the class. */
  public synchronized <T extends AutoCloseable> T add(T resource) {
    resources.addFirst(resource);
    return resource;
  }

  public synchronized Path directory(String name) {
    try {
      return Files.createDirectory(folder.resolve(name + "-" + ++files));
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  public synchronized Path file(String name, String text) {
    return write(folder.resolve(++files + "-" + name), text);
  }

  public static Path write(Path file, String text) {
    try {
      return Files.writeString(file, text);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  /** A key that this lab has not given before. The labs of other classes give the same keys. */
  synchronized KeyPair rsaKey() {
    synchronized (RSA_KEYS) {
      if (rsaKeys == RSA_KEYS.size()) {
        RSA_KEYS.add(LeafKind.RSA.newKey());
      }
      return RSA_KEYS.get(rsaKeys++);
    }
  }

  /** Lets only the owner of a file read it, as programs demand of secrets. */
  public static Path privately(Path file) {
    try {
      return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  private synchronized void end() {
    AssertionError failure = null;
    while (!resources.isEmpty()) {
      try {
        resources.removeFirst().close();
      } catch (IllegalStateException alreadyShuttingDown) {
        // Only the removal of the shutdown hook says this, from within that hook.
      } catch (AssertionError failed) {
        failure = failed;
      } catch (Exception broken) {
        failure = new AssertionError("could not be ended: " + broken, broken);
      }
    }
    delete();
    if (failure != null) {
      throw failure;
    }
  }

  private void delete() {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    } catch (IOException | UncheckedIOException stillInUse) {
      // A temporary folder that stays is no reason to fail.
    }
  }
}
