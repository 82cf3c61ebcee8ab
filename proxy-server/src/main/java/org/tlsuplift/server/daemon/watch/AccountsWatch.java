package org.tlsuplift.server.daemon.watch;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.server.background.Notice;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.config.AccountsFile;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.binding.InvalidConfigException;

/**
 * Reads the accounts of the configuration and of its file, and checks the file each second. It
 * loads a valid new file; if the file has errors, the previous accounts stay in use. It loads a
 * file only after two checks in a row find the same state, so that a half-written file locks out no
 * device.
 */
public final class AccountsWatch {
  private static final Duration PERIOD = Duration.ofSeconds(1);
  private static final Logger log = LoggerFactory.getLogger(AccountsWatch.class);

  private final SignInConfig config;
  private final @Nullable Path file;
  private final Consumer<List<SignInConfig.Account>> taker;

  private @Nullable FileStamp seen;
  private @Nullable FileStamp known;
  private final Notice mistake = Notice.once();

  /**
   * Prepares the watch, and starts nothing yet.
   *
   * @param taker receives all accounts after each change
   */
  public AccountsWatch(SignInConfig config, Consumer<List<SignInConfig.Account>> taker) {
    this.config = config;
    this.file = config.accountsFile();
    this.taker = taker;
  }

  /** Reads the accounts now, and again when the file changes. */
  public void start(Schedule schedule) {
    if (file == null) {
      taker.accept(config.accounts());
      return;
    }
    if (!Files.exists(file)) {
      taker.accept(config.accounts());
    }
    read();
    schedule.every(PERIOD, PERIOD, "accounts: reload", this::look);
  }

  /** Reads the file at once if it has changed; it is complete. */
  public synchronized void read() {
    seen = file == null ? null : FileStamp.of(file);
    look();
  }

  /** Whether the file has errors and older accounts are in use. */
  public boolean isBad() {
    return mistake.isOn();
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
        refused(file, "the file does not exist");
      }
    } else if (isBad() || !now.equals(known)) {
      // An unreadable file may become readable without a visible change.
      read(file, now);
    }
  }

  private void read(Path path, FileStamp now) {
    List<SignInConfig.Account> all = new ArrayList<>(config.accounts());
    String mistakes = null;
    int count = 0;
    try {
      List<SignInConfig.Account> read = AccountsFile.read(path, config);
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
      // The file was replaced again; the next check reads it.
      return;
    }
    known = now;
    if (mistakes != null) {
      refused(path, mistakes);
      return;
    }
    taker.accept(all);
    mistake.ended();
    log.info("{} {} read from {}", count, count == 1 ? "account" : "accounts", path);
  }

  private void refused(Path path, String why) {
    if (mistake.isNews(why)) {
      log.error("{} cannot be used; the previous accounts stay in use: {}", path, why);
    }
  }
}
