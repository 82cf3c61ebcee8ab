package org.tlsuplift.server.http.pages;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.console.PageFrame;
import org.tlsuplift.server.inventory.DeviceHistory;

/**
 * The texts of the page about one device.
 *
 * @param frame around it
 * @param address of the device
 * @param name its name; may be empty
 * @param refusing whether the CA must be installed on it first
 * @param chips its properties, with links to devices like it
 * @param notes what people wrote about it
 * @param verdict the verdict, in words
 * @param tone the class of the verdict's colour
 * @param why the reason for the verdict, and the remedy
 * @param traits facts with one value
 * @param lists facts with several values
 * @param messages its latest messages
 * @param allMessages the address of the list of all its messages
 * @param chart its days, the latest of them
 * @param days all its days, the latest first
 */
record DeviceDetails(
    PageFrame frame,
    String address,
    String name,
    boolean refusing,
    List<Chip> chips,
    DeviceNotesPages.Notes notes,
    String verdict,
    String tone,
    String why,
    List<Trait> traits,
    List<Several> lists,
    List<MessageListPage.Row> messages,
    String allMessages,
    Chart chart,
    List<DeviceHistory.Day> days) {
  /**
   * A fact with one value.
   *
   * @param label what it is
   * @param value itself
   */
  record Trait(String label, String value) {}

  /**
   * A fact with several values.
   *
   * @param title the name of the fact
   * @param heading of the column of values
   * @param problems whether each value has a remedy
   * @param origins whether each value has origins
   * @param values the latest first
   */
  record Several(
      String title, String heading, boolean problems, boolean origins, List<Value> values) {}

  /**
   * One of several values.
   *
   * @param value itself
   * @param problem its words and remedy; null if the value is not a problem
   * @param origins at which it happened, and whether each works again; may be empty
   * @param times how often
   */
  record Value(
      String value,
      @Nullable ProblemText problem,
      String origins,
      String times,
      When first,
      When last) {}
}
