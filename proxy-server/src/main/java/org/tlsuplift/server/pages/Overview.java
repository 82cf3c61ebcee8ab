package org.tlsuplift.server.pages;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.insight.overview.TimeRange;
import org.tlsuplift.server.pages.text.ProblemText;
import org.tlsuplift.server.pages.text.When;

/**
 * What the overview shows, in texts.
 *
 * @param frame around it
 * @param trouble why there is nothing of the inventory, or null
 * @param answer who still needs the upgrade
 * @param more what else there is to know at once; may be empty
 * @param shares the parts of a bar of all devices
 * @param chips devices by what is to be done about them
 * @param next the most useful steps, the most urgent first
 * @param first the way to the first device; null when there are several
 * @param spans how far back one may look
 * @param span how far this page looks
 * @param chart legacy against modern handshakes
 * @param handshakes the same in a sentence
 * @param covers what the chart is made of
 * @param sessions how many are open
 * @param failures what went wrong in the last 24 hours
 * @param refusals what Microsoft 365 refused in the last 24 hours
 * @param expiring what expires
 * @param dates of Microsoft's that concern devices seen in the last 30 days
 */
record Overview(
    PageFrame frame,
    @Nullable String trouble,
    String answer,
    String more,
    List<Share> shares,
    List<Chip> chips,
    List<NextStep> next,
    @Nullable FirstSteps first,
    List<Choice> spans,
    TimeRange span,
    Chart chart,
    String handshakes,
    String covers,
    String sessions,
    List<Mishap> failures,
    List<Mishap> refusals,
    Expiring expiring,
    List<Date> dates) {
  /**
   * A part of the bar, in tenths of a percent.
   *
   * @param tone the class of its colour
   */
  record Share(String tone, long from, long width) {}

  /**
   * A useful step.
   *
   * @param what to do, in one sentence
   * @param why, or how; may be empty
   */
  record NextStep(String what, String why, List<Link> links) {}

  /** A link and its words. */
  record Link(String label, String address) {}

  /**
   * A way to look further back.
   *
   * @param chosen whether this is it
   */
  record Choice(String label, String link, boolean chosen) {}

  /**
   * What went wrong.
   *
   * @param devices how many devices were concerned
   * @param link to the devices; empty for none
   */
  record Mishap(ProblemText problem, String devices, When latest, String link) {}

  /**
   * What expires.
   *
   * @param soon within 90 days, the next first
   * @param later what expires first after that, in a sentence; may be empty
   */
  record Expiring(List<End> soon, String later) {}

  /**
   * What expires soon.
   *
   * @param left how long until then
   * @param tone the class of its colour
   * @param remedy what to do
   */
  record End(String what, String at, String left, String tone, String remedy) {}

  /**
   * A date of Microsoft's.
   *
   * @param devices how many may be concerned
   * @param link to them
   * @param source who says so
   */
  record Date(
      String title, String when, String devices, String link, String advice, String source) {}
}
