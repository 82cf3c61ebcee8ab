package org.tlsuplift.server.daemon;

import java.sql.SQLException;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.config.AdminConfig;
import org.tlsuplift.server.config.NotifyConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.console.PageText;
import org.tlsuplift.server.http.pages.PageHost;
import org.tlsuplift.server.http.pages.VerdictLabels;
import org.tlsuplift.server.inventory.DeviceFilter;
import org.tlsuplift.server.inventory.DevicePage;
import org.tlsuplift.server.inventory.DeviceQuery;
import org.tlsuplift.server.inventory.DeviceRecord;
import org.tlsuplift.server.inventory.DeviceSort;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.inventory.Verdict;
import org.tlsuplift.server.inventory.jdbc.DeviceInventory;
import org.tlsuplift.server.mapping.ResolvedConfig;
import org.tlsuplift.server.notify.Delivery.Channel;
import org.tlsuplift.server.notify.MailDelivery.Letter;
import org.tlsuplift.server.notify.NotificationCounts;
import org.tlsuplift.server.notify.NotificationCounts.Outcome;

/** Mails each week how many devices of a tag still need TLS Uplift. Blocks. */
public final class WeeklyReports {
  private static final Logger log = LoggerFactory.getLogger(WeeklyReports.class);
  private static final Duration AGAIN = Duration.ofMinutes(15);
  private static final LocalTime TIME = LocalTime.of(6, 0);
  private static final int MAX_DEVICES = 50;

  private WeeklyReports() {}

  /** Sends the reports that are due, unless another instance does. */
  static void sendDue(NotificationSource source, NotificationCounts counts) {
    ServerConfig config = source.config();
    DeviceInventory inventory = source.inventory();
    NotifyConfig notify = config.notifications();
    if (notify == null || inventory == null) {
      return;
    }
    for (NotifyConfig.Weekly weekly : notify.weekly()) {
      String report = weekly.tag() + " to " + weekly.to();
      Instant now = Instant.now();
      try {
        if (inventory.reports().take(report, next(now), now, now.plus(AGAIN))) {
          send(config, source.resolved(), inventory.inventory(), weekly);
          counts.count(Channel.SMTP, Outcome.SENT);
          inventory.reports().sent(report, next(now));
          log.info("the weekly report about '{}' was sent to {}", weekly.tag(), weekly.to());
        }
      } catch (OperatorException failed) {
        counts.count(Channel.SMTP, Outcome.RETRIED);
        log.warn(
            "the weekly report about '{}' did not reach {}: {}; the daemon tries again in {}"
                + " minutes; try it with 'tls-uplift notify weekly'",
            weekly.tag(),
            weekly.to(),
            failed.getMessage(),
            AGAIN.toMinutes());
      } catch (SQLException away) {
        // The inventory logs this, and the next run tries again.
        log.debug("no weekly report", away);
      }
    }
  }

  /** The first Monday at 06:00 UTC after a moment. */
  static Instant next(Instant now) {
    ZonedDateTime day =
        now.atZone(ZoneOffset.UTC).with(TIME).with(TemporalAdjusters.nextOrSame(DayOfWeek.MONDAY));
    return (day.toInstant().isAfter(now) ? day : day.plusWeeks(1)).toInstant();
  }

  /** Sends a report now. */
  public static void send(
      ServerConfig config, ResolvedConfig resolved, Inventory inventory, NotifyConfig.Weekly weekly)
      throws OperatorException, SQLException {
    NotifyConfig notify = config.notifications();
    if (notify != null && notify.smtp() != null) {
      NotificationSource.mail(notify.smtp(), resolved, weekly.to())
          .send(letter(inventory, weekly.tag(), config.admin(), Instant.now()));
    }
  }

  static Letter letter(Inventory inventory, String tag, AdminConfig admin, Instant now)
      throws SQLException {
    DeviceFilter tagged = DeviceFilter.ALL.narrowed("tag", tag);
    DeviceFilter needing = tagged.narrowed("verdict", Verdict.NEEDS_UPGRADE);
    Map<Verdict, Long> verdicts = inventory.verdicts(tagged);
    long all = verdicts.values().stream().mapToLong(Long::longValue).sum();
    DevicePage first =
        inventory.devices(new DeviceQuery(needing, DeviceSort.VERDICT, false, 0, MAX_DEVICES));
    long needed = first.total();
    String subject =
        all == 0
            ? "No device has the tag " + tag
            : needed == 0
                ? "None of your " + all + " " + tag + " needs TLS Uplift"
                : needed + " of your " + all + " " + tag + " still need TLS Uplift";
    List<String> lines = new ArrayList<>(List.of(subject + ".", ""));
    if (all == 0) {
      lines.add("Give devices this tag on their pages, or remove the report from notify.weekly.");
    }
    verdicts.forEach(
        (verdict, count) -> {
          if (count > 0) {
            lines.add(count + ": " + VerdictLabels.chip(verdict, Optional.empty()));
          }
        });
    lines.add("");
    for (DeviceRecord device : first.devices()) {
      lines.add(
          Stream.of(
                  device.address(),
                  PageText.visible(device.name()),
                  PageText.visible(device.notes().place()),
                  device.verdictText())
              .filter(text -> !text.isEmpty())
              .collect(Collectors.joining(", ")));
    }
    if (needed > MAX_DEVICES) {
      lines.add("and " + (needed - MAX_DEVICES) + " more");
    }
    lines.addAll(List.of("", "The list: " + link(tag, admin)));
    return new Letter(UUID.randomUUID(), now, subject, lines);
  }

  private static String link(String tag, AdminConfig admin) {
    String path = "/devices?tag=" + tag + "&verdict=" + Verdict.NEEDS_UPGRADE;
    return PagesSetup.reach(admin)
        .address(new PageHost("", ":" + admin.bind().port()), path)
        .orElseGet(() -> path + " on the admin port of " + NotificationSource.instance());
  }
}
