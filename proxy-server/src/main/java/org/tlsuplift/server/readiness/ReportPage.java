package org.tlsuplift.server.readiness;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.tlsuplift.server.inventory.ListenerNeed;
import org.tlsuplift.server.inventory.Need;

/**
 * The texts and numbers for the report's template. Times are in UTC.
 *
 * @param version of this program, in words
 */
public record ReportPage(SwitchOffResults answers, String version) {
  private static final TemplateEngine TEMPLATES =
      TemplateEngine.createPrecompiled(
          null,
          ContentType.Html,
          ReportPage.class.getClassLoader(),
          "org.tlsuplift.server.http.pages");
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("yyyy-MM-dd", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter MINUTE =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);

  /** One HTML page that needs no other files. */
  static String render(SwitchOffResults answers, String version) {
    StringOutput out = new StringOutput(1 << 16);
    TEMPLATES.render("report.jte", new ReportPage(answers, version), out);
    return out.toString();
  }

  public String made() {
    return MINUTE.format(answers.at());
  }

  public String day(Instant moment) {
    return DATE.format(moment);
  }

  /** The listener and subnet of the query, in words; empty for all. */
  public String narrowed() {
    return answers.question().listener().map(name -> "listener " + name).orElse("")
        + (answers.question().listener().isPresent() && answers.question().subnet().isPresent()
            ? ", "
            : "")
        + answers.question().subnet().map(block -> "devices in " + block).orElse("");
  }

  public String word(Readiness readiness) {
    return switch (readiness) {
      case YES -> "yes";
      case NO -> "no";
      case NOT_YET -> "not yet";
    };
  }

  /** The profile of a listener; empty for a subnet. */
  public String profile(SwitchOffResult switchOffResult) {
    return switchOffResult.scope().profile();
  }

  /** Days, for a sentence. */
  public long readyAfter() {
    return answers.settings().rules().readyAfter().toDays();
  }

  /** Days, for a sentence. */
  public long notSeenAfter() {
    return answers.settings().rules().notSeenAfter().toDays();
  }

  /** The results that have blocking devices. */
  public List<SwitchOffResult> withBlockingDevices(List<SwitchOffResult> some) {
    return some.stream()
        .filter(switchOffResult -> !switchOffResult.blockingDevices().isEmpty())
        .toList();
  }

  public String needs(BlockingDevice blockingDevice) {
    return blockingDevice.needs().stream()
        .map(ListenerNeed::need)
        .distinct()
        .map(ReportPage::need)
        .collect(Collectors.joining("; "));
  }

  /** The listeners on which the device showed its needs. */
  public String listeners(BlockingDevice blockingDevice) {
    return blockingDevice.needs().stream()
        .map(ListenerNeed::listener)
        .distinct()
        .sorted()
        .collect(Collectors.joining(", "));
  }

  private static String need(Need need) {
    return switch (need) {
      case NO_ENCRYPTION -> "no encryption";
      case TOO_OLD -> "nothing from TLS 1.2 up";
      case ONLY_TLS_RSA -> "TLS_RSA only";
      case NO_ACCEPTED_SUITE -> "no suite that Microsoft 365 accepts";
      case OLD_SUITE -> "a suite with CBC";
      case UNKNOWN -> "an unknown need";
    };
  }
}
