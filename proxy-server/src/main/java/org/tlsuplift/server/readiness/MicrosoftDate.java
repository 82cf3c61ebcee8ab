package org.tlsuplift.server.readiness;

import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.tlsuplift.server.microsoft365.Cloud;

/**
 * A date, announced by Microsoft, on which devices may stop working.
 *
 * @param begins the first day on which it may happen
 * @param ends the last day on which it may happen
 * @param announced the date in Microsoft's own words, which may be less exact
 * @param title what happens
 * @param ofPasswords whether only devices are affected whose password reaches Microsoft 365
 * @param destinations hosts and ports of the devices that may be affected
 * @param search the text that finds them in the device list
 * @param advice the effect on devices that use this proxy
 * @param source the announcement, and the day on which it was read
 */
public record MicrosoftDate(
    LocalDate begins,
    LocalDate ends,
    String announced,
    String title,
    boolean ofPasswords,
    Set<String> destinations,
    String search,
    String advice,
    String source) {
  public MicrosoftDate {
    destinations = Set.copyOf(destinations);
  }

  public static final List<MicrosoftDate> ALL =
      List.of(
          new MicrosoftDate(
              LocalDate.of(2026, 7, 1),
              LocalDate.of(2026, 12, 31),
              "1 July to 31 December 2026",
              "The POP3 and IMAP4 endpoints for TLS 1.0 and 1.1 are switched off",
              false,
              Set.of(
                  "pop-legacy.office365.com:995",
                  "pop-legacy.office365.com:110",
                  "imap-legacy.office365.com:993",
                  "imap-legacy.office365.com:143"),
              "-legacy.office365.com",
              "With TLS Uplift, no device needs them. Set outlook.office365.com in the device:"
                  + " TLS Uplift connects to it with TLS 1.2 or 1.3 for every device.",
              "message center MC1293480, read on 2026-11-26"),
          new MicrosoftDate(
              LocalDate.of(2026, 12, 31),
              LocalDate.of(2026, 12, 31),
              "end of December 2026",
              "Passwords for SMTP AUTH are switched off by default",
              true,
              submission(),
              "smtp",
              "Devices that sign in there with a password stop sending, unless an administrator"
                  + " switches passwords on again. Devices that use only listeners with signIn:"
                  + " true are not counted, because TLS Uplift signs in for them.",
              "Exchange team blog, 27 January 2026, read on 2026-11-30"));

  private static Set<String> submission() {
    return Stream.concat(
            Stream.of(
                "smtp.office365.com:25",
                "smtp-legacy.office365.com:587",
                "smtp-legacy.office365.com:25",
                "webmail.apps.mil:587"),
            Stream.of(Cloud.values())
                .flatMap(cloud -> Stream.of(cloud.smtpHost(), cloud.mailboxHost()))
                .map(host -> host + ":587"))
        .collect(Collectors.toSet());
  }
}
