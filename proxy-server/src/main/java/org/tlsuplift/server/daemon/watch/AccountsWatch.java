package org.tlsuplift.server.daemon.watch;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.accounts.AccountsFile;
import org.tlsuplift.server.config.yaml.InvalidConfigException;

/**
 * The accounts of the configuration and of its file, which is looked at each second: a good new one
 * is taken, one with mistakes leaves the last good one in use. A file is taken when two looks in a
 * row see the same, so that a half-written file locks out no device. Has a thread of its own where
 * there is a file.
 */
public final class AccountsWatch implements AutoCloseable {
  private static final Duration PERIOD = Duration.ofSeconds(1);
  private static final Logger log = LoggerFactory.getLogger(AccountsWatch.class);

  private final List<SignInConfig.Account> configured;
  private final @Nullable Path file;
  private final Consumer<List<SignInConfig.Account>> taker;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("uplift-accounts", true));

  private @Nullable FileStamp seen;
  private @Nullable FileStamp known;
  private @Nullable String mistake;
  private volatile boolean bad;

  /**
   * Watches nothing yet.
   *
   * @param taker is given all accounts whenever they have changed
   */
  public AccountsWatch(SignInConfig config, Consumer<List<SignInConfig.Account>> taker) {
    this.configured = config.accounts();
    this.file = config.accountsFile();
    this.taker = taker;
  }

  /** Reads the accounts now, and from then on when the file changes. */
  public void start() {
    if (file == null) {
      taker.accept(configured);
      return;
    }
    if (!Files.exists(file)) {
      taker.accept(configured);
    }
    seen = FileStamp.of(file);
    look();
    var unused =
        thread.scheduleWithFixedDelay(
            this::lookSafely, PERIOD.toMillis(), PERIOD.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Whether the file has mistakes, and older accounts are in use. */
  public boolean isBad() {
    return bad;
  }

  synchronized void look() {
    if (file == null) {
      return;
    }
    FileStamp now = FileStamp.of(file);
    boolean changes = !Objects.equals(now, seen);
    seen = now;
    if (changes) {
      return;
    }
    if (now == null) {
      if (known != null) {
        known = null;
        refused(file, "it is gone");
      }
    } else if (bad || !now.equals(known)) {
      // What could not be read may become readable without a change that can be seen here.
      read(file, now);
    }
  }

  private void read(Path path, FileStamp now) {
    List<SignInConfig.Account> all = new ArrayList<>(configured);
    String mistakes = null;
    int count = 0;
    try {
      List<SignInConfig.Account> read = AccountsFile.read(path, configured);
      count = read.size();
      all.addAll(read);
    } catch (InvalidConfigException invalid) {
      mistakes =
          invalid.problems().stream()
              .map(problem -> problem.in(String.valueOf(path.getFileName())))
              .limit(5)
              .collect(Collectors.joining(" | "));
    }
    if (!now.equals(FileStamp.of(path))) {
      // It was replaced meanwhile: the next looks will see.
      return;
    }
    known = now;
    if (mistakes != null) {
      refused(path, mistakes);
      return;
    }
    taker.accept(all);
    bad = false;
    mistake = null;
    log.info("{} accounts read from {}", count, path);
  }

  private void refused(Path path, String why) {
    bad = true;
    if (!why.equals(mistake)) {
      mistake = why;
      log.error("{} cannot be used, and the last good accounts stay in use: {}", path, why);
    }
  }

  /** An exception would end the schedule. */
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
