package org.tlsuplift.server.daemon.watch;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Detects that the jar of the running program was replaced, and logs it once.
 *
 * <p>The JVM reads classes on first use. A jar that was moved away is still open and does no harm.
 * A jar that was overwritten in place has other bytes where the JVM expects a class.
 */
public final class JarWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(JarWatch.class);
  private static final Duration PERIOD = Duration.ofSeconds(5);

  private final @Nullable Path jar;
  private final @Nullable FileStamp first;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("uplift-jar", true));
  private boolean removed;

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

  /** Checks every few seconds, until it has logged a change. */
  public void start() {
    if (jar != null && first != null) {
      thread.execute(() -> ShutdownClasses.load(jar));
      var unused =
          thread.scheduleWithFixedDelay(
              () -> {
                if (look()) {
                  thread.shutdown();
                }
              },
              PERIOD.toMillis(),
              PERIOD.toMillis(),
              TimeUnit.MILLISECONDS);
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

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
