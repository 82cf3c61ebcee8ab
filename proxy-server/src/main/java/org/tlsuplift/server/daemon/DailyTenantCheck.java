package org.tlsuplift.server.daemon;

import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.signin.MailboxPermits;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.doctor.TenantStep;
import org.tlsuplift.server.feature.Condition;
import org.tlsuplift.server.inventory.jdbc.DeviceInventory;

/**
 * Checks once a day whether Microsoft 365 still lets this installation in, so that somebody knows
 * before the first scan fails. Of several instances with one database, each checks its own
 * certificate with one mailbox of each tenant, and one of them checks all mailboxes. A loss counts
 * when a second check half an hour later has the same result. Thread-safe.
 */
final class DailyTenantCheck {
  private static final Logger log = LoggerFactory.getLogger(DailyTenantCheck.class);
  private static final String NAME = "tenant check";
  private static final Duration LOOK = Duration.ofMinutes(5);
  private static final Duration DAY = Duration.ofHours(23);
  private static final Duration AGAIN = Duration.ofMinutes(30);
  private static final int MAX_SEEN = 150;

  private static final Duration LONGEST = DAY.plusHours(2);

  /** Instances and installations must not come at the same minute. */
  private static final int SPREAD_MINUTES = 120;

  private final Supplier<LoadedConfig> current;
  private final Supplier<MailboxPermits> permits;
  private final Supplier<Optional<DeviceInventory>> inventory;
  private final Clock clock;
  private final Map<String, Loss> losses = new ConcurrentHashMap<>();
  private volatile @Nullable Latest latest;
  private Instant due;
  private int checked;
  private int passed;

  /**
   * The latest check of this instance.
   *
   * @param result in words
   * @param passed whether each mailbox passed; null if none was checked
   */
  record Latest(Instant at, String result, @Nullable Boolean passed) {}

  /**
   * What the latest check of a mailbox found; it counts from the second one on.
   *
   * @param seen the reply, cut for a line
   */
  private record Loss(String seen, int times) {
    boolean isCertain() {
      return times > 1;
    }
  }

  /**
   * @param permits the limits of the mailboxes, within which it stays
   * @param inventory empty while there is none
   */
  DailyTenantCheck(
      Supplier<LoadedConfig> current,
      Supplier<MailboxPermits> permits,
      Supplier<Optional<DeviceInventory>> inventory,
      Clock clock) {
    this.current = current;
    this.permits = permits;
    this.inventory = inventory;
    this.clock = clock;
    this.due = clock.instant().plus(varied(Duration.ofMinutes(10)));
  }

  void start(Schedule schedule) {
    schedule.every(LOOK, LOOK, "the daily check of the tenant", this::look);
  }

  private static Duration varied(Duration least) {
    return least.plusMinutes(RandomGenerator.getDefault().nextInt(SPREAD_MINUTES));
  }

  /** Checks if the time has come. Blocks. */
  void look() {
    LoadedConfig loaded = current.get();
    SignInConfig signIn = loaded.config().signIn();
    Instant now = clock.instant();
    if (signIn == null || !signIn.dailyCheck()) {
      losses.clear();
      latest = null;
    } else if (!now.isBefore(due) || due.isAfter(now.plus(LONGEST))) {
      // No pause is longer: the clock was wrong.
      due = now.plus(varied(DAY));
      try {
        checked = 0;
        passed = 0;
        check(loaded, signIn, now);
        latest =
            new Latest(
                now,
                checked == 0
                    ? "no mailbox was checked: a mail listener serves no account of the tenant, or devices used the sessions"
                    : "%d of %d mailboxes passed".formatted(passed, checked),
                checked == 0 ? null : passed == checked);
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
      } catch (Exception failed) {
        // This says nothing of the tenant; what was found before stays.
        latest = new Latest(now, "it was not possible: " + failed.getMessage(), false);
        log.info("the daily check of the tenant was not possible: {}", failed.getMessage());
      }
      if (losses.values().stream().anyMatch(loss -> !loss.isCertain())) {
        due = now.plus(AGAIN);
      }
    }
  }

  private void check(LoadedConfig loaded, SignInConfig signIn, Instant now) throws Exception {
    List<SignInConfig.Account> accounts =
        TenantCheck.accounts(signIn).stream().filter(each -> !each.disabled()).toList();
    boolean all = !losses.isEmpty() || isFirst(now);
    if (!all) {
      Set<String> seen = new HashSet<>();
      accounts =
          accounts.stream()
              .filter(each -> seen.add(signIn.tenantOf(each).orElseThrow().name()))
              .toList();
    }
    TenantCheck check = new TenantCheck(loaded, signIn, accounts);
    if (all) {
      losses.keySet().retainAll(check.titles());
    }
    check.mailboxes(this::note, permits.get());
  }

  /** Whether no other instance checks the mailboxes today. */
  private boolean isFirst(Instant now) throws SQLException {
    Optional<DeviceInventory> shared = inventory.get();
    return shared.isEmpty() || shared.get().reports().take(NAME, now, now, now.plus(DAY));
  }

  private void note(TenantStep.Checked mailbox) {
    String title = mailbox.title();
    List<TenantStep.Result> failures = TenantStep.failures(List.of(mailbox));
    checked++;
    passed += failures.isEmpty() ? 1 : 0;
    // All others, such as a busy origin, prove nothing.
    Optional<String> refusal =
        failures.stream()
            .filter(TenantStep.Result::isRefusal)
            .map(failed -> ShortText.cut(failed.finding().seen(), MAX_SEEN))
            .findFirst();
    if (failures.isEmpty()) {
      Loss before = losses.remove(title);
      if (before != null && before.isCertain()) {
        log.info("{}: Microsoft 365 lets devices in again", title);
      }
    } else if (refusal.isPresent()) {
      Loss loss =
          losses.merge(
              title,
              new Loss(refusal.get(), 1),
              (before, latest) -> new Loss(latest.seen(), before.times() + 1));
      if (loss.times() == 2) {
        log.warn(
            "run '{}' for the remedy: Microsoft 365 no longer lets devices in as {}: {}",
            command(),
            title,
            loss.seen());
      }
    }
  }

  /** Empty if there was none since the start. */
  Optional<Latest> latest() {
    return Optional.ofNullable(latest);
  }

  /** The number of mailboxes that lost their access, each for each protocol. */
  long lost() {
    return losses.values().stream().filter(Loss::isCertain).count();
  }

  /** The notification, if access was lost. */
  List<Condition> conditions() {
    return losses.entrySet().stream()
        .filter(each -> each.getValue().isCertain())
        .sorted(Map.Entry.comparingByKey())
        .limit(1)
        .map(
            each ->
                new Condition(
                    "access_lost",
                    "",
                    "Microsoft 365 no longer lets devices in as "
                        + each.getKey()
                        + (lost() == 1 ? "" : " and " + (lost() - 1) + " more")
                        + ": "
                        + each.getValue().seen(),
                    "run '%s': it has the step and the command that mends it".formatted(command()),
                    Duration.ZERO))
        .toList();
  }

  private String command() {
    return current.get().command("tenant check");
  }
}
