package org.tlsuplift.server.http.pages;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.tlsuplift.server.console.NextStep;
import org.tlsuplift.server.console.PageText;
import org.tlsuplift.server.inventory.DeviceGroup;
import org.tlsuplift.server.inventory.FactCount;
import org.tlsuplift.server.inventory.FactKind;
import org.tlsuplift.server.inventory.Verdict;
import org.tlsuplift.server.readiness.ExpiringItem;

/** Chooses the most urgent steps for the operator. */
final class NextSteps {
  private static final int SHOWN = 2;

  /** The number of origins that a step names. */
  private static final int NAMED = 2;

  private NextSteps() {}

  /**
   * An open problem of devices.
   *
   * @param kind a failure, or a refusal by the mail origin
   * @param count the label and the number of devices
   * @param origins at which it happened, the most common first
   */
  record Problem(FactKind kind, FactCount count, List<FactCount> origins) {
    Problem {
      origins = List.copyOf(origins);
    }
  }

  /**
   * The most urgent steps.
   *
   * @param problems at most one of each kind
   * @param expiring the next first
   */
  static List<NextStep> of(
      List<DeviceGroup> groups, List<Problem> problems, List<ExpiringItem> expiring, Instant now) {
    DeviceTotals totals = DeviceTotals.of(groups);
    List<NextStep> steps = new ArrayList<>();
    if (totals.refusing() > 0) {
      steps.add(trust(totals.refusing()));
    }
    expiring.stream()
        .filter(item -> item.at().isBefore(now.plus(ExpiringSoon.NEAR)))
        .findFirst()
        .map(item -> renew(item, now))
        .ifPresent(steps::add);
    problems.stream()
        .sorted(Comparator.comparing((Problem problem) -> problem.count().devices()).reversed())
        .map(NextSteps::repair)
        .forEach(steps::add);
    largest(groups).map(NextSteps::replace).ifPresent(steps::add);
    if (totals.active() > 0 && totals.need() == 0) {
      steps.add(
          new NextStep(
              "Check on which listeners TLS 1.0 and 1.1 can be switched off",
              "No device that was seen recently needs TLS below 1.2.",
              List.of(new NextStep.Link("Switch off", Navigation.SWITCH_OFF.path()))));
    }
    return steps.subList(0, Math.min(SHOWN, steps.size()));
  }

  private static NextStep trust(long devices) {
    return new NextStep(
        "Install the CA certificate on " + PageText.count(devices, "device"),
        devices == 1
            ? "It refuses the certificate of TLS Uplift, so it cannot connect."
            : "They refuse the certificate of TLS Uplift, so they cannot connect.",
        List.of(
            new NextStep.Link(
                devices == 1 ? "Show the device" : "Show the devices",
                DeviceForm.ALL.with("trust", "no").link()),
            new NextStep.Link("How to install the CA", Navigation.CERTIFICATES.path())));
  }

  private static NextStep renew(ExpiringItem item, Instant now) {
    String what = PageText.visible(item.what());
    return new NextStep(
        item.at().isAfter(now)
            ? "Renew before it expires: " + what
            : "Renew " + what + ", which has expired",
        PageText.whole(PageText.visible(item.remedy())),
        List.of(new NextStep.Link("Expiring soon", "#expiring")));
  }

  private static NextStep repair(Problem problem) {
    FactCount count = problem.count();
    boolean refusal = problem.kind() == FactKind.REPLY;
    ProblemText text =
        refusal ? ProblemText.ofReply(count.value()) : ProblemText.ofFailure(count.value());
    return new NextStep(
        "Help " + PageText.count(count.devices(), "device"),
        (refusal ? "The mail origin replies " : "")
            + text.words()
            + ". "
            + text.remedy()
            + places(problem),
        List.of(
            new NextStep.Link(
                count.devices() == 1 ? "Show the device" : "Show the devices",
                DeviceForm.ALL.with("failure", count.value()).with("ended", "no").link()),
            new NextStep.Link("Manual", text.manual())));
  }

  /** The most common origins of the problem, in a sentence; empty if none is known. */
  private static String places(Problem problem) {
    List<String> names =
        problem.origins().stream()
            .limit(NAMED)
            .map(place -> PageText.shortened(PageText.visible(place.value())))
            .toList();
    if (names.isEmpty()) {
      return "";
    }
    int more = problem.origins().size() - names.size();
    return (problem.count().devices() == 1 ? " It connects to " : " They connect to ")
        + (more == 0
            ? String.join(" and ", names)
            : String.join(", ", names) + " and " + PageText.count(more, "other"))
        + ".";
  }

  /** The most common verdict among the devices that need the upgrade. */
  private static Optional<Map.Entry<Verdict, Long>> largest(List<DeviceGroup> groups) {
    return groups.stream()
        .filter(group -> group.verdict().needsUpgrade())
        .collect(
            Collectors.groupingBy(
                DeviceGroup::verdict, Collectors.summingLong(DeviceGroup::devices)))
        .entrySet()
        .stream()
        .max(
            Map.Entry.<Verdict, Long>comparingByValue()
                .thenComparing(Map.Entry.comparingByKey(Comparator.reverseOrder())));
  }

  private static NextStep replace(Map.Entry<Verdict, Long> group) {
    long devices = group.getValue();
    return new NextStep(
        remedy(group.getKey()) + " " + PageText.count(devices, "device"),
        switch (group.getKey()) {
          case NO_ENCRYPTION ->
              devices == 1 ? "It sends mail without TLS." : "They send mail without TLS.";
          case ONLY_TLS_RSA -> "Microsoft 365 is reported to refuse their key exchange (TLS_RSA).";
          case NO_ACCEPTED_SUITE -> "Microsoft 365 refuses their cipher suites.";
          case TOO_OLD, READY, NOT_SEEN, UNKNOWN ->
              devices == 1
                  ? "It offers nothing from TLS 1.2 up."
                  : "They offer nothing from TLS 1.2 up.";
        },
        List.of(
            new NextStep.Link(
                devices == 1 ? "Show the device" : "Show the devices",
                DeviceForm.ALL.with("verdict", group.getKey().label()).link()),
            new NextStep.Link("Manual", "/manual/switch-off")));
  }

  private static String remedy(Verdict verdict) {
    return verdict == Verdict.NO_ENCRYPTION
        ? "Switch TLS on in"
        : "Update the firmware of, or replace,";
  }
}
