package org.tlsuplift.server.pages;

import java.util.List;

/**
 * What the page about switching off shows, in texts.
 *
 * @param frame around it
 * @param listener asked for; empty for all
 * @param subnet asked for; empty for all
 * @param problem what is wrong with what was asked for; empty for nothing
 * @param options listeners to choose from
 * @param rule what the answers go by
 * @param listeners the answers for them
 * @param subnets the answers for them
 * @param more what is said of subnets that are not shown; empty for none
 */
record SwitchOffPage(
    PageFrame frame,
    String listener,
    String subnet,
    String problem,
    List<DeviceListPage.Option> options,
    String rule,
    List<Reply> listeners,
    List<Reply> subnets,
    String more) {
  /**
   * An answer.
   *
   * @param name of the listener or subnet
   * @param note about it; may be empty
   * @param answer in a word or two
   * @param tone the class of its colour
   * @param because why
   * @param devices how many came in of late
   * @param standing how many stand against it
   * @param list where all devices are that came in there
   * @param link where the same is told with each device; empty for here
   * @param against those that stand against it, the latest first
   * @param others what is said of those that are not shown; empty for none
   * @param incomplete what may be missing
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
      List<Against> against,
      String others,
      List<String> incomplete) {}

  /**
   * A device that stands against it.
   *
   * @param address of the device
   * @param link to all there is of it
   * @param name what it is called, or calls itself
   * @param needs what it needed, and where
   * @param last when it last did
   * @param help what would help it
   */
  record Against(
      String address, String link, String name, String needs, String last, String help) {}
}
