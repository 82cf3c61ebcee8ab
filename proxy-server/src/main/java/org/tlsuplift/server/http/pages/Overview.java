package org.tlsuplift.server.http.pages;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.console.NextStep;
import org.tlsuplift.server.console.PageFrame;

/**
 * The texts of the overview.
 *
 * @param frame around it
 * @param incidents what stops sessions or mail now
 * @param reload the configuration in use, and why the latest reload was refused
 * @param trouble the reason why the inventory cannot be shown, or null
 * @param devices what the inventory knows; null if it cannot be shown
 * @param sessions the number of open sessions, in a sentence
 * @param expiring what expires
 * @param instances those that share the database; empty without one
 * @param now the time of the page
 */
record Overview(
    PageFrame frame,
    List<NextStep> incidents,
    Reload reload,
    @Nullable String trouble,
    @Nullable Devices devices,
    String sessions,
    Expiring expiring,
    List<InstanceRow> instances,
    Instant now) {
  /**
   * What the inventory knows.
   *
   * @param totals the numbers of devices
   * @param shares the parts of a bar of all devices
   * @param chips groups of devices, by what has to be done for them
   * @param next the most useful steps, the most urgent first
   * @param first the way to the first device; null when there are several
   * @param spans the ranges of time to choose from
   * @param chart legacy against modern handshakes
   * @param handshakes the handshakes, in a sentence
   * @param covers the data of the chart, in a sentence
   * @param failures the problems of the last 24 hours
   * @param refusals the refusals of Microsoft 365 in the last 24 hours
   * @param dates Microsoft's dates that affect devices seen in the last 30 days
   */
  record Devices(
      DeviceTotals totals,
      List<Share> shares,
      List<Chip> chips,
      List<NextStep> next,
      @Nullable FirstSteps first,
      List<Choice> spans,
      Chart chart,
      String handshakes,
      String covers,
      List<Mishap> failures,
      List<Mishap> refusals,
      List<Date> dates) {}

  /**
   * The configuration in use.
   *
   * @param loaded when it was loaded, in a sentence
   * @param problems why the latest reload was refused; empty if it was applied
   */
  record Reload(String loaded, List<String> problems) {}

  /**
   * A part of the bar, in tenths of a percent.
   *
   * @param tone the class of its colour
   */
  record Share(String tone, long from, long width) {}

  /**
   * A range of time to choose.
   *
   * @param chosen whether the page shows it
   */
  record Choice(String label, String link, boolean chosen) {}

  /**
   * A problem of devices.
   *
   * @param devices the number of affected devices, in words
   * @param link the address of the list of these devices
   */
  record Mishap(ProblemText problem, String devices, When latest, String link) {}

  /**
   * What expires.
   *
   * @param soon the items that expire within 90 days, the next first
   * @param later the first item that expires after that, in a sentence; may be empty
   */
  record Expiring(List<End> soon, String later) {}

  /**
   * What expires soon.
   *
   * @param left the time until then, in words
   * @param tone the class of its colour
   * @param remedy what to do
   * @param acknowledgement by an operator
   */
  record End(
      String what,
      String at,
      String left,
      String tone,
      String remedy,
      AcknowledgementForms.Shown acknowledgement) {}

  /**
   * A date of Microsoft's.
   *
   * @param devices the number of devices that may be affected, in words
   * @param link the address of the list of these devices
   * @param source the announcement
   */
  record Date(
      String title, String when, String devices, String link, String advice, String source) {}
}
