package org.tlsuplift.server.daemon.watch;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.background.Notice;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.metrics.Meters;
import org.tlsuplift.server.metrics.MetricNames;
import org.tlsuplift.server.microsoft365.CheckState;
import org.tlsuplift.server.microsoft365.ListChanges;
import org.tlsuplift.server.microsoft365.ListName;
import org.tlsuplift.server.microsoft365.ListRefresher;
import org.tlsuplift.server.microsoft365.ListStore;
import org.tlsuplift.server.microsoft365.PublishedList;
import org.tlsuplift.server.microsoft365.RefreshResult;

/**
 * Keeps the endpoint list of Microsoft 365 current: refreshes it, notices within two seconds that
 * another process has stored one, and hands a newer list over.
 */
public final class EndpointListWatch {
  private static final Duration PERIOD = Duration.ofSeconds(1);

  /** Between two attempts whose time cannot be stored, for example because the disk is full. */
  private static final Duration PAUSE = Duration.ofMinutes(1);

  /** The share of the interval by which checks are delayed at random. */
  private static final double JITTER = 0.1;

  private static final Logger log = LoggerFactory.getLogger(EndpointListWatch.class);

  private final boolean used;
  private final ListStore store;
  private final ListRefresher refresher;
  private final @Nullable Duration interval;
  private final Consumer<PublishedList> apply;
  private final Clock clock;
  private final DoubleSupplier random;
  private volatile PublishedList current;
  private volatile Instant currentAt;
  private double delay;
  private Instant attempted = Instant.EPOCH;
  private CheckState state;
  private @Nullable FileStamp seen;
  private @Nullable FileStamp seenState;
  private final Notice trouble;

  /**
   * Does nothing until {@link #start}.
   *
   * @param used whether a route uses the list; otherwise nothing is done
   * @param current the list in use
   * @param interval the time between two checks, or null for none
   * @param apply gets each newer list, on the thread that checks
   * @param random from 0 to 1
   */
  public EndpointListWatch(
      boolean used,
      PublishedList current,
      ListStore store,
      ListRefresher refresher,
      @Nullable Duration interval,
      Consumer<PublishedList> apply,
      Clock clock,
      DoubleSupplier random) {
    this.used = used;
    this.current = current;
    this.store = store;
    this.refresher = refresher;
    this.interval = interval;
    this.apply = apply;
    this.clock = clock;
    this.trouble = Notice.daily(clock);
    this.random = random;
    this.state = store.state();
    this.currentAt = state.currentAt(current);
    this.delay = random.getAsDouble();
  }

  /** The list in use. Any thread may call it. */
  public PublishedList current() {
    return current;
  }

  /** How long ago the list was last known to be current. Any thread may call it. */
  public Duration age() {
    Duration age = Duration.between(currentAt, clock.instant());
    return age.isNegative() ? Duration.ZERO : age;
  }

  /** When the list was last known to be current. Any thread may call it. */
  public Instant currentAt() {
    return currentAt;
  }

  public boolean isUsed() {
    return used;
  }

  public void observe(Meters meters) {
    if (used) {
      meters.gauge(MetricNames.ENDPOINT_LIST_VERSION, () -> current.version().number());
      meters.gauge(MetricNames.ENDPOINT_LIST_AGE, () -> age().toSeconds());
    }
  }

  /** Looks now and from then on. */
  public void start(Schedule schedule) {
    if (!used) {
      return;
    }
    log.info("endpoint list of Microsoft 365, cloud {}: {}", current.cloud().label(), current);
    schedule.every(PERIOD, "the check of the endpoint list", this::look);
  }

  /** Looks at the files, and checks for a newer list if it is time. */
  synchronized void look() {
    FileStamp list = FileStamp.of(store.file());
    if (!Objects.equals(list, seen)) {
      seen = list;
      takeStored();
    }
    FileStamp checks = FileStamp.of(store.stateFile());
    if (!Objects.equals(checks, seenState)) {
      seenState = checks;
      readState();
    }
    if (isDue()) {
      refresh();
    }
  }

  private void readState() {
    state = store.state();
    currentAt = state.currentAt(current);
  }

  private boolean isDue() {
    Instant now = clock.instant();
    return interval != null
        && state.isDue(interval.plusMillis((long) (interval.toMillis() * JITTER * delay)), now)
        && (attempted.isAfter(now) || !now.isBefore(attempted.plus(PAUSE)));
  }

  private void refresh() {
    attempted = clock.instant();
    delay = random.getAsDouble();
    RefreshResult result = refresher.refresh(current, false);
    if (result instanceof RefreshResult.Replaced replaced) {
      recovered();
      take(replaced.list());
    } else if (result instanceof RefreshResult.Unchanged) {
      recovered();
      log.debug("the endpoint list {} is the latest", current);
    } else if (result instanceof RefreshResult.Failed failed) {
      report("the endpoint list was not refreshed: " + failed.why() + "; " + stays());
    } else if (!(result instanceof RefreshResult.Waiting)) {
      throw new UnhandledVariantException(result);
    }
    readState();
  }

  private void takeStored() {
    try {
      store
          .read()
          .filter(stored -> stored.version().isAfter(current.version()))
          .ifPresent(this::take);
    } catch (OperatorException broken) {
      report(broken.getMessage() + "; " + stays());
    }
    readState();
  }

  private void take(PublishedList next) {
    PublishedList last = current;
    log.info(
        "endpoint list {} of Microsoft 365 replaces {}: names {}",
        next.version(),
        last.version(),
        ListChanges.ofNames(last, next));
    ListChanges routed =
        ListChanges.ofDestinations(
            ListName.MICROSOFT365.select(last), ListName.MICROSOFT365.select(next));
    if (!routed.isEmpty()) {
      log.info("the list 'microsoft365' of routes: {}", routed);
    }
    if (!next.ignored().isEmpty()) {
      log.warn(
          "endpoint list {}: {} entries cannot be matched by a route and are left out, such as {}",
          next.version(),
          next.ignored().size(),
          next.ignored().get(0));
    }
    apply.accept(next);
    current = next;
  }

  private String stays() {
    return current + " stays in use";
  }

  /** Once, and then once a day: a network without a way to Microsoft's service is no fault. */
  private void report(String text) {
    if (trouble.isNews(text)) {
      log.warn("{}", text);
    }
  }

  private void recovered() {
    if (trouble.ended()) {
      log.info("the endpoint list can be refreshed again");
    }
  }
}
