package org.tlsuplift.server.http.pages;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import org.tlsuplift.server.inventory.OriginOutages.Outage;
import org.tlsuplift.server.spool.SpoolStore;
import org.tlsuplift.server.spool.WaitingMail;

/** What stops mail and other sessions now, for the beginning of the overview. */
final class Incidents {
  /** A message is tried at once; until then it waits without a problem. */
  private static final Duration SOON = Duration.ofMinutes(2);

  private static final int MAX_ORIGINS = 3;

  /** Mail, sign-in and Graph in Microsoft's clouds. */
  private static final Pattern MICROSOFT =
      Pattern.compile(
          "(?i)(.+\\.)?(office365\\.(com|us)|office\\.com|outlook\\.(com|cn)|(dod-)?graph\\.microsoft\\.(com|us)|microsoftonline\\.(com|us|cn)|microsoftgraph\\.chinacloudapi\\.cn)");

  private Incidents() {}

  /**
   * @param mail the totals, and at least the oldest message
   * @param closed why the spool refuses new mail; empty if it does not
   * @param tenant has the access that was taken away
   * @param usable the free bytes on the disk of the data directory
   */
  static List<Overview.NextStep> of(
      List<Outage> outages,
      WaitingMail mail,
      String closed,
      TenantSources.State tenant,
      long usable,
      Instant now) {
    List<Overview.NextStep> incidents = new ArrayList<>();
    if (!closed.isEmpty()) {
      incidents.add(
          new Overview.NextStep(
              "New mail is refused",
              "The spool is closed, and devices get 452: " + PageText.visible(closed) + ".",
              List.of(new Overview.Link("Waiting messages", "/waiting"))));
    }
    if (usable < SpoolStore.ROOM) {
      incidents.add(
          new Overview.NextStep(
              "The disk is full",
              PageText.bytes(usable)
                  + " are free on the disk of dataDirectory. Free some space: the daemon cannot write without it.",
              List.of()));
    }
    if (!tenant.lost().isEmpty()) {
      incidents.add(
          new Overview.NextStep(
              PageText.visible(tenant.lost()),
              PageText.whole(tenant.remedy()),
              List.of(
                  new Overview.Link(
                      "Check the tenant", NavigationItem.CONNECT.path() + "/check"))));
    }
    outages.stream()
        .sorted(Comparator.comparing(each -> !isMicrosoft(each)))
        .limit(MAX_ORIGINS)
        .map(Incidents::outage)
        .forEach(incidents::add);
    Instant oldest = mail.oldest();
    if (oldest != null
        && (oldest.isBefore(now.minus(SOON))
            || mail.waiting().stream().anyMatch(each -> each.attempts() > 0))) {
      incidents.add(waiting(mail, oldest));
    }
    return incidents;
  }

  private static boolean isMicrosoft(Outage outage) {
    return MICROSOFT.matcher(outage.origin().host()).matches();
  }

  private static Overview.NextStep outage(Outage outage) {
    String name = PageText.shortened(PageText.visible(outage.origin().toString()));
    return new Overview.NextStep(
        "No session has reached "
            + (isMicrosoft(outage) ? "Microsoft 365 (" + name + ")" : name)
            + " since "
            + PageText.minute(outage.since())
            + " UTC",
        (outage.why().isEmpty() ? "" : PageText.whole(PageText.visible(outage.why())) + " ")
            + "Check the firewall, DNS and the internet connection of this machine. The doctor, or 'tls-uplift probe', names the step that fails.",
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
