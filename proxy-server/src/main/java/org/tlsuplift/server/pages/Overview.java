package org.tlsuplift.server.pages;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.insight.overview.TimeRange;

/**
 * What the overview shows, in texts.
 *
 * @param frame around it
 * @param trouble why there is nothing of the inventory, or null
 * @param waysIn how devices come here, as long as none has; empty from then on
 * @param soon how long it takes until a device is seen here
 * @param tiles the figures at the top
 * @param spans how far back one may look
 * @param span how far this page looks
 * @param chart legacy against modern handshakes
 * @param covers what the chart is made of
 * @param verdicts devices by verdict
 * @param failures what went wrong in the last 24 hours
 * @param refusals what Microsoft 365 refused in the last 24 hours
 * @param endings what ends, the next first
 * @param dates of Microsoft's that concern devices seen in the last 30 days
 */
record Overview(
    PageFrame frame,
    @Nullable String trouble,
    List<DeviceInstructions> waysIn,
    String soon,
    List<Tile> tiles,
    List<Choice> spans,
    TimeRange span,
    Chart chart,
    String covers,
    List<Share> verdicts,
    List<Mishap> failures,
    List<Mishap> refusals,
    List<End> endings,
    List<Date> dates) {
  /**
   * A figure.
   *
   * @param label what it is
   * @param figure itself
   * @param note below it
   * @param link where more is told; empty for nowhere
   * @param tone the class of its colour
   */
  record Tile(String label, String figure, String note, String link, String tone) {}

  /**
   * A way to look further back.
   *
   * @param label of the link
   * @param link where it leads
   * @param chosen whether this is it
   */
  record Choice(String label, String link, boolean chosen) {}

  /**
   * Devices with a verdict.
   *
   * @param verdict in words
   * @param tone the class of its colour
   * @param devices how many
   * @param part of all, in tenths of a percent, for a bar
   * @param link to them
   */
  record Share(String verdict, String tone, String devices, int part, String link) {}

  /**
   * What went wrong.
   *
   * @param label the word of log and metrics
   * @param devices how many devices were concerned
   * @param latest when it last happened
   * @param remedy what to do
   * @param link to the devices; empty for none
   */
  record Mishap(String label, String devices, String latest, String remedy, String link) {}

  /**
   * What ends.
   *
   * @param what it is
   * @param at when that is
   * @param left how long until then
   * @param tone the class of its colour
   * @param remedy what to do, as long as there is something to do soon
   */
  record End(String what, String at, String left, String tone, String remedy) {}

  /**
   * A date of Microsoft's.
   *
   * @param title what happens
   * @param when that is
   * @param devices how many may be concerned
   * @param link to them
   * @param advice what it means
   * @param source who says so
   */
  record Date(
      String title, String when, String devices, String link, String advice, String source) {}
}
