package org.tlsuplift.server.pages;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.pages.text.ProblemText;
import org.tlsuplift.server.pages.text.When;

/**
 * What the page of one device shows, in texts.
 *
 * @param frame around it
 * @param address of the device
 * @param name what it is called; may be empty
 * @param refusing whether the CA has to be installed on it first
 * @param chips its state, and links to devices like it
 * @param verdict in words
 * @param tone the class of the verdict's colour
 * @param why the verdict, and what to do
 * @param traits its single values
 * @param lists its lists of values
 * @param chart its days, the latest of them
 * @param days all its days, the latest first
 */
record DeviceDetails(
    PageFrame frame,
    String address,
    String name,
    boolean refusing,
    List<Chip> chips,
    String verdict,
    String tone,
    String why,
    List<Trait> traits,
    List<Several> lists,
    Chart chart,
    List<Day> days) {
  /**
   * A single value.
   *
   * @param label what it is
   * @param value itself
   */
  record Trait(String label, String value) {}

  /**
   * A list of values.
   *
   * @param title what they are
   * @param heading of the column of values
   * @param problems whether there is something to do about each
   * @param values those seen last first
   */
  record Several(String title, String heading, boolean problems, List<Value> values) {}

  /**
   * One of several.
   *
   * @param value itself
   * @param problem the same in words, or null
   * @param times how often
   */
  record Value(String value, @Nullable ProblemText problem, String times, When first, When last) {}

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
