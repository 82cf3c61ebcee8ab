package org.tlsuplift.server.daemon.watch;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.server.authority.ListenerExpiry;
import org.tlsuplift.server.background.Notice;
import org.tlsuplift.server.background.Schedule;

/**
 * Logs the remaining days of antique listeners once a day, and closes the listeners whose last day
 * has passed.
 *
 * <p>It checks the clock often instead of scheduling the closing time, because clocks are adjusted.
 */
public final class AntiqueWatch {
  private static final Duration PERIOD = Duration.ofSeconds(30);
  private static final Logger log = LoggerFactory.getLogger(AntiqueWatch.class);

  private final List<ListenerExpiry> expiries;
  private final Consumer<String> retire;
  private final Clock clock;
  private final Map<String, Notice> notices = new HashMap<>();
  private final Set<String> retired = new HashSet<>();

  /**
   * Prepares the watch, and starts nothing yet.
   *
   * @param retire closes the listener of that name; may block, and may be called twice
   */
  public AntiqueWatch(List<ListenerExpiry> expiries, Consumer<String> retire, Clock clock) {
    this.expiries = List.copyOf(expiries);
    this.retire = retire;
    this.clock = clock;
  }

  /** Checks now and regularly. */
  public void start(Schedule schedule) {
    if (!expiries.isEmpty()) {
      look();
      schedule.every(PERIOD, PERIOD, "antique listeners: expiry check", this::look);
    }
  }

  synchronized void look() {
    Instant now = clock.instant();
    for (ListenerExpiry expiry : expiries) {
      if (expiry.isOver(now)) {
        if (!retired.contains(expiry.listener())) {
          retire.accept(expiry.listener());
          retired.add(expiry.listener());
        }
      }
      remind(expiry, now);
    }
  }

  private void remind(ListenerExpiry expiry, Instant now) {
    boolean over = expiry.isOver(now);
    if (!notices.computeIfAbsent(expiry.listener(), name -> Notice.daily(clock)).isNews(over)) {
      return;
    }
    if (over) {
      log.error("{}", expiry.text(now));
    } else {
      log.warn("{}", expiry.text(now));
    }
  }
}
