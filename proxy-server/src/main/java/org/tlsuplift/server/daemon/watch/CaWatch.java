package org.tlsuplift.server.daemon.watch;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.server.authority.WatchedAuthority;
import org.tlsuplift.server.background.Notice;
import org.tlsuplift.server.background.Schedule;

/**
 * Detects within two seconds that a CA was staged or activated, and logs a daily reminder of keys
 * to erase.
 */
public final class CaWatch {
  private static final Duration PERIOD = Duration.ofSeconds(1);
  private static final Logger log = LoggerFactory.getLogger(CaWatch.class);

  private final List<WatchedAuthority> authorities;
  private final Clock clock;
  private final Map<WatchedAuthority, List<Optional<FileStamp>>> seen = new HashMap<>();
  private final Notice reminder;

  /**
   * Prepares the watch, and starts nothing yet. The first reminders follow after a day, because the
   * start logs them too.
   */
  public CaWatch(List<WatchedAuthority> authorities, Clock clock) {
    this.authorities =
        authorities.stream().filter(authority -> !authority.files().isEmpty()).toList();
    this.clock = clock;
    reminder = Notice.daily(clock);
    reminder.isNews(this.authorities);
  }

  /** Checks now and regularly. */
  public void start(Schedule schedule) {
    if (!authorities.isEmpty()) {
      schedule.every(PERIOD, "CA reload", this::look);
    }
  }

  synchronized void look() {
    for (WatchedAuthority authority : authorities) {
      // Taken before the files are read, so that the next check detects later changes.
      List<Optional<FileStamp>> now = stamps(authority);
      if (!now.equals(seen.get(authority))) {
        if (authority.look()) {
          seen.put(authority, now);
        } else {
          // Two files may be copied one after the other, and match only at the next check.
          seen.remove(authority);
        }
      }
    }
    remind();
  }

  private static List<Optional<FileStamp>> stamps(WatchedAuthority authority) {
    return authority.files().stream().map(file -> Optional.ofNullable(FileStamp.of(file))).toList();
  }

  private void remind() {
    if (reminder.isNews(authorities)) {
      Instant now = clock.instant();
      authorities.forEach(
          authority -> authority.reminders(now).forEach(warning -> log.warn("{}", warning)));
    }
  }
}
