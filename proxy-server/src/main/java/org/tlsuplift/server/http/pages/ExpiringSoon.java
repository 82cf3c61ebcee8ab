package org.tlsuplift.server.http.pages;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.tlsuplift.server.console.PageText;
import org.tlsuplift.server.readiness.ExpiringItem;

/** The items that expire soon, in the words of the overview. */
final class ExpiringSoon {
  /** Something that expires within this time is urgent. */
  static final Duration NEAR = Duration.ofDays(30);

  /**
   * Something that expires within this time is shown; {@code check} and the alerts warn at the same
   * time.
   */
  private static final Duration WARNING_PERIOD = Duration.ofDays(90);

  private ExpiringSoon() {}

  static Overview.Expiring of(
      List<ExpiringItem> items, AcknowledgementForms.OnPage acknowledgements, Instant now) {
    List<ExpiringItem> all = ExpiringItem.nextFirst(items);
    Instant soon = now.plus(WARNING_PERIOD);
    Optional<ExpiringItem> later =
        all.stream()
            .filter(item -> !item.at().isBefore(soon))
            .min(Comparator.comparing(ExpiringItem::at));
    return new Overview.Expiring(
        all.stream()
            .filter(item -> item.at().isBefore(soon))
            .map(item -> end(item, acknowledgements, now))
            .toList(),
        later
            .map(
                item ->
                    "Next: %s on %s (%s)."
                        .formatted(
                            PageText.visible(item.what()),
                            PageText.minute(item.at()).substring(0, 10),
                            left(item, now)))
            .orElse(""));
  }

  private static String left(ExpiringItem item, Instant now) {
    Duration left = Duration.between(now, item.at());
    return left.isNegative() || left.isZero()
        ? "has expired"
        : left.toDays() == 0 ? "today" : "in " + PageText.count(left.toDays(), "day");
  }

  private static Overview.End end(
      ExpiringItem item, AcknowledgementForms.OnPage acknowledgements, Instant now) {
    AcknowledgementForms.Shown shown = acknowledgements.of(AcknowledgementForms.of(item));
    Duration left = Duration.between(now, item.at());
    return new Overview.End(
        PageText.sentence(PageText.visible(item.what())),
        PageText.minute(item.at()) + " UTC",
        left(item, now),
        shown.known() != null ? "calm" : left.compareTo(NEAR) <= 0 ? "bad" : "warn",
        PageText.whole(PageText.visible(item.remedy())),
        shown);
  }
}
