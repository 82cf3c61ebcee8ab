package org.tlsuplift.server.http.pages;

import java.util.List;
import org.tlsuplift.server.console.PageFrame;

/**
 * The texts of the page about switching off.
 *
 * @param frame around it
 * @param answer the number of listeners on which old TLS can be switched off, in words
 * @param more the meaning, in sentences
 * @param listener asked for; empty for all
 * @param subnet asked for; empty for all
 * @param problem the error in the query; empty for none
 * @param options listeners to choose from
 * @param rule the rules for the answers
 * @param needs the needs of devices, the most common first
 * @param progress the number of devices that needed it on each day
 * @param listeners the answers for them
 * @param subnets the answers for them
 * @param others the number of subnets that are not shown, in words; empty for none
 */
record SwitchOffPage(
    PageFrame frame,
    String answer,
    String more,
    String listener,
    String subnet,
    String problem,
    List<DeviceListPage.Option> options,
    String rule,
    List<NeedGroup> needs,
    Chart progress,
    List<Reply> listeners,
    List<Reply> subnets,
    String others) {
  /**
   * Devices with the same need.
   *
   * @param devices how many
   * @param link to them
   */
  record NeedGroup(String devices, String link, String need, String remedy) {}

  /**
   * The answer for a listener or subnet.
   *
   * @param name of the listener or subnet
   * @param note about it; may be empty
   * @param answer in a word or two
   * @param tone the class of its colour
   * @param because why
   * @param devices how many connected recently
   * @param standing the number of devices that block it
   * @param list the address of the list of all devices that connected there
   * @param link the address of the page with each device; empty if this page has them
   * @param needs the needs of the listener's devices, with links to the devices
   * @param against the devices that block it, the latest first
   * @param latest the heading of these devices
   * @param incomplete the data that may be missing
   * @param change what to set in the configuration; empty if it cannot be switched off
   */
  record Reply(
      String name,
      String note,
      String answer,
      String tone,
      String because,
      String devices,
      String standing,
      String list,
      String link,
      List<Chip> needs,
      List<Against> against,
      String latest,
      List<String> incomplete,
      String change) {}

  /**
   * A device that blocks the switch-off.
   *
   * @param link the address of its page
   * @param name its configured name, or the name that it sent
   * @param needs its needs, and the listeners
   * @param last the time of its latest need
   */
  record Against(String address, String link, String name, String needs, When last) {}

  /** Whether the query selects one listener or subnet. */
  boolean narrowed() {
    return !listener.isEmpty() || !subnet.isEmpty();
  }
}
