package org.tlsuplift.server.http.pages;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.tlsuplift.server.console.FeaturePages;
import org.tlsuplift.server.console.NextStep;
import org.tlsuplift.server.console.PageText;
import org.tlsuplift.server.inventory.OriginOutages.Outage;
import org.tlsuplift.server.process.FullDisk;

/**
 * What stops mail and other sessions now, for the beginning of the overview and the API.
 *
 * @param features have incidents of their own
 * @param outages the origins that no session reaches now
 * @param tenant the access that was taken away
 * @param data the data directory
 */
public record Incidents(
    List<FeaturePages> features,
    Supplier<List<Outage>> outages,
    Supplier<TenantSources.State> tenant,
    Path data) {
  private static final int MAX_ORIGINS = 3;

  /** Mail, sign-in and Graph in Microsoft's clouds. */
  private static final Pattern MICROSOFT =
      Pattern.compile(
          "(?i)(.+\\.)?(office365\\.(com|us)|office\\.com|outlook\\.(com|cn)|(dod-)?graph\\.microsoft\\.(com|us)|microsoftonline\\.(com|us|cn)|microsoftgraph\\.chinacloudapi\\.cn)");

  /** The most urgent first. */
  public List<NextStep> at(Instant now) {
    return of(
        features.stream().flatMap(each -> each.incidents(now).stream()).toList(),
        outages.get(),
        tenant.get(),
        data.toFile().getUsableSpace());
  }

  /**
   * @param features what features have
   * @param tenant has the access that was taken away
   * @param usable the free bytes on the disk of the data directory
   */
  static List<NextStep> of(
      List<FeaturePages.Incident> features,
      List<Outage> outages,
      TenantSources.State tenant,
      long usable) {
    List<FeaturePages.Incident> incidents = new ArrayList<>(features);
    if (usable < FullDisk.ROOM) {
      add(
          incidents,
          20,
          new NextStep(
              "The disk is full",
              PageText.bytes(usable)
                  + " are free on the disk of dataDirectory. Free some space: the daemon cannot write without it.",
              List.of()));
    }
    if (!tenant.lost().isEmpty()) {
      add(
          incidents,
          30,
          new NextStep(
              PageText.visible(tenant.lost()),
              PageText.whole(tenant.remedy()),
              List.of(
                  new NextStep.Link("Check the tenant", Navigation.CONNECT.path() + "/check"))));
    }
    outages.stream()
        .sorted(Comparator.comparing(each -> !isMicrosoft(each)))
        .limit(MAX_ORIGINS)
        .map(Incidents::outage)
        .forEach(each -> add(incidents, 40, each));
    return incidents.stream()
        .sorted(Comparator.comparingInt(FeaturePages.Incident::place))
        .map(FeaturePages.Incident::step)
        .toList();
  }

  private static void add(List<FeaturePages.Incident> incidents, int place, NextStep step) {
    incidents.add(new FeaturePages.Incident(place, step));
  }

  private static boolean isMicrosoft(Outage outage) {
    return MICROSOFT.matcher(outage.origin().host()).matches();
  }

  private static NextStep outage(Outage outage) {
    String name = PageText.shortened(PageText.visible(outage.origin().toString()));
    return new NextStep(
        "No session has reached "
            + (isMicrosoft(outage) ? "Microsoft 365 (" + name + ")" : name)
            + " since "
            + PageText.minute(outage.since())
            + " UTC",
        (outage.why().isEmpty() ? "" : PageText.whole(PageText.visible(outage.why())) + " ")
            + "Check the firewall, DNS and the internet connection of this machine. The doctor, or 'tls-uplift probe', names the step that fails.",
        List.of(new NextStep.Link("Doctor", "/doctor")));
  }
}
