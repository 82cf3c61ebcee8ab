package org.tlsuplift.server.http.pages;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.tlsuplift.server.inventory.OriginOutages.Outage;
import org.tlsuplift.server.spool.WaitingMail;

/** What stops mail and other sessions now, for the beginning of the overview. */
final class Incidents {
  /** A message is tried at once; until then it waits without a problem. */
  private static final Duration SOON = Duration.ofMinutes(2);

  /** With less, the spool keeps no message. In bytes. */
  private static final long ROOM = 32L << 20;

  private static final int MAX_ORIGINS = 3;

  private Incidents() {}

  /**
   * @param usable the free bytes on the disk of the data directory
   * @param mail the totals, and at least the oldest message
   */
  static List<Overview.NextStep> of(
      List<Outage> outages, WaitingMail mail, long usable, Instant now) {
    List<Overview.NextStep> incidents = new ArrayList<>();
    if (usable < ROOM) {
      incidents.add(
          new Overview.NextStep(
              "The disk is full",
              PageText.bytes(usable)
                  + " are free on the disk of dataDirectory. New mail is refused, and nothing is recorded. Free some space.",
              List.of()));
    }
    outages.stream().limit(MAX_ORIGINS).map(Incidents::outage).forEach(incidents::add);
    Instant oldest = mail.oldest();
    if (oldest != null
        && (oldest.isBefore(now.minus(SOON))
            || mail.waiting().stream().anyMatch(each -> each.attempts() > 0))) {
      incidents.add(waiting(mail, oldest));
    }
    return incidents;
  }

  private static Overview.NextStep outage(Outage outage) {
    String host = outage.origin().host().toLowerCase(Locale.ROOT);
    String name = PageText.shortened(PageText.visible(outage.origin().toString()));
    return new Overview.NextStep(
        (host.endsWith("office365.com") ? "Microsoft 365 (" + name + ")" : name)
            + " cannot be reached since "
            + PageText.minute(outage.since())
            + " UTC",
        "Check the firewall, DNS and the internet connection of this machine. The doctor names the step that fails.",
        List.of(new Overview.Link("Doctor", "/doctor")));
  }

  private static Overview.NextStep waiting(WaitingMail mail, Instant oldest) {
    String reply =
        mail.waiting().stream()
            .map(WaitingMail.Message::lastReply)
            .filter(each -> !each.isEmpty())
            .findFirst()
            .map(each -> " Latest result: " + PageText.whole(PageText.visible(each)))
            .orElse("");
    return new Overview.NextStep(
        PageText.count(mail.messages(), "message") + (mail.messages() == 1 ? " waits" : " wait"),
        "The oldest has waited since " + PageText.minute(oldest) + " UTC." + reply,
        List.of(new Overview.Link("Waiting messages", "/waiting")));
  }
}
