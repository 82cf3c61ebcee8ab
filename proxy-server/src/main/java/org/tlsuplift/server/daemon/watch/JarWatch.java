package org.tlsuplift.server.daemon.watch;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.server.background.Schedule;

/**
 * Detects that the jar of the running program was replaced, and logs it once.
 *
 * <p>The JVM reads classes on first use. A jar that was moved away is still open and does no harm.
 * A jar that was overwritten in place has other bytes where the JVM expects a class.
 */
public final class JarWatch {
  private static final Logger log = LoggerFactory.getLogger(JarWatch.class);
  private static final Duration PERIOD = Duration.ofSeconds(5);

  private final @Nullable Path jar;
  private final @Nullable FileStamp first;
  private boolean loaded;
  private boolean removed;
  private boolean replaced;

  /**
   * @param jar the jar to watch, or null for none
   */
  JarWatch(@Nullable Path jar) {
    this.jar = jar;
    this.first = jar == null ? null : FileStamp.of(jar);
  }

  /** Watches the jar of this class, or nothing if the program runs from a directory of classes. */
  public static JarWatch ofThisProgram() {
    CodeSource source = JarWatch.class.getProtectionDomain().getCodeSource();
    try {
      Path from = source == null ? null : Path.of(source.getLocation().toURI());
      return new JarWatch(from != null && Files.isRegularFile(from) ? from : null);
    } catch (URISyntaxException unknown) {
      return new JarWatch(null);
    }
  }

  /** Loads the classes for shutdown, and then checks every few seconds. */
  public void start(Schedule schedule) {
    if (jar != null && first != null) {
      schedule.every(PERIOD, "check of the jar", this::next);
    }
  }

  private void next() {
    if (jar != null && !loaded) {
      loaded = true;
      ShutdownClasses.load(jar);
    } else if (!replaced) {
      replaced = look();
    }
  }

  /**
   * Checks the jar once.
   *
   * @return whether it was replaced
   */
  boolean look() {
    FileStamp now = jar == null ? null : FileStamp.of(jar);
    if (now == null) {
      removed = true;
      return false;
    }
    if (first == null || now.equals(first)) {
      return false;
    }
    if (removed || !Objects.equals(now.key(), first.key())) {
      log.warn("{} was replaced; restart the daemon to run the new version", jar);
    } else {
      log.error(
          "{} was overwritten while the daemon runs, and classes cannot be loaded; restart the daemon now, and replace jars with 'mv', not 'cp'",
          jar);
    }
    return true;
  }
}
