package org.tlsuplift.server.pages;

import java.util.List;

/**
 * What the page of one device shows, in texts.
 *
 * @param frame around it
 * @param address of the device
 * @param name what it is called; may be empty
 * @param verdict in words
 * @param tone the class of the verdict's colour
 * @param why the verdict, and what to do
 * @param traits what there is one of
 * @param lists what there are several of
 * @param chart its days, the latest of them
 * @param days all its days, the latest first
 */
record DeviceDetails(
    PageFrame frame,
    String address,
    String name,
    String verdict,
    String tone,
    String why,
    List<Trait> traits,
    List<Several> lists,
    Chart chart,
    List<Day> days) {
  /**
   * What there is one of.
   *
   * @param label what it is
   * @param value itself
   */
  record Trait(String label, String value) {}

  /**
   * What there are several of.
   *
   * @param title what they are
   * @param heading of the column of values
   * @param remedies whether there is something to do about each
   * @param values those seen last first
   */
  record Several(String title, String heading, boolean remedies, List<Value> values) {}

  /**
   * One of several.
   *
   * @param value itself
   * @param times how often
   * @param first when it was first seen
   * @param last when it was last seen
   * @param remedy what to do about it; may be empty
   */
  record Value(String value, String times, String first, String last, String remedy) {}

  /**
   * A day.
   *
   * @param day of UTC
   * @param sessions how many
   * @param legacy handshakes
   * @param modern handshakes
   * @param plaintext sessions without TLS
   * @param failures how many
   * @param worst version; may be empty
   */
  record Day(
      String day,
      String sessions,
      String legacy,
      String modern,
      String plaintext,
      String failures,
      String worst) {}
}
