package org.tlsuplift.server.daemon;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.server.config.AccountsFile;
import org.tlsuplift.server.config.ConfigProblem;
import org.tlsuplift.server.config.InvalidConfigException;
import org.tlsuplift.server.config.SignInConfig;

/**
 * The accounts of the configuration and of its file, which is looked at every two seconds: a good
 * new one is taken, one with mistakes leaves the last good one in use. Has a thread of its own
 * where there is a file.
 */
final class AccountsWatch implements AutoCloseable {
  private static final Duration PERIOD = Duration.ofSeconds(2);
  private static final Logger log = LoggerFactory.getLogger(AccountsWatch.class);

  private final List<SignInConfig.Account> configured;
  private final @Nullable Path file;
  private final Consumer<List<SignInConfig.Account>> taker;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("uplift-accounts", true));

  private @Nullable Stamp seen;
  private volatile boolean bad;

  /** What tells one state of a file from another. */
  private record Stamp(FileTime modified, long size, @Nullable Object key) {}

  /**
   * Watches nothing yet.
   *
   * @param taker is given all accounts whenever they have changed
   */
  AccountsWatch(SignInConfig config, Consumer<List<SignInConfig.Account>> taker) {
    this.configured = config.accounts();
    this.file = config.accountsFile();
    this.taker = taker;
  }

  /** Reads the accounts now, and from then on when the file changes. */
  void start() {
    if (file == null) {
      taker.accept(configured);
      return;
    }
    if (!Files.exists(file)) {
      taker.accept(configured);
    }
    look();
    var unused =
        thread.scheduleWithFixedDelay(
            this::lookSafely, PERIOD.toMillis(), PERIOD.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Whether the file has mistakes, and older accounts are in use. */
  boolean isBad() {
    return bad;
  }

  /** Looks at the file once. */
  synchronized void look() {
    if (file == null) {
      return;
    }
    Stamp now = stamp(file);
    if (now == null) {
      if (seen != null) {
        refused(file, "it is gone");
      }
      seen = null;
      return;
    }
    if (now.equals(seen)) {
      return;
    }
    seen = now;
    try {
      List<SignInConfig.Account> all = new ArrayList<>(configured);
      List<SignInConfig.Account> read = AccountsFile.read(file, configured);
      all.addAll(read);
      taker.accept(all);
      bad = false;
      log.info("{} accounts read from {}", read.size(), file);
    } catch (InvalidConfigException mistakes) {
      refused(
          file,
          mistakes.problems().stream()
              .map(ConfigProblem::toString)
              .limit(5)
              .collect(Collectors.joining(" | ")));
    }
  }

  private void refused(Path path, String why) {
    bad = true;
    log.error("{} cannot be used, and the last good accounts stay in use: {}", path, why);
  }

  private static @Nullable Stamp stamp(Path file) {
    try {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      return new Stamp(now.lastModifiedTime(), now.size(), now.fileKey());
    } catch (IOException gone) {
      return null;
    }
  }

  /** A fault here must not be the last time that somebody looked. */
  private void lookSafely() {
    try {
      look();
    } catch (RuntimeException fault) {
      log.error("looking for new accounts failed", fault);
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
