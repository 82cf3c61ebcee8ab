package org.tlsuplift.server.pages;

import java.util.List;
import org.tlsuplift.server.pages.text.When;

/**
 * What the page about switching off shows, in texts.
 *
 * @param frame around it
 * @param answer how many listeners can be switched off
 * @param more what that means
 * @param listener asked for; empty for all
 * @param subnet asked for; empty for all
 * @param problem what is wrong with what was asked for; empty for nothing
 * @param options listeners to choose from
 * @param rule what the answers go by
 * @param needs what devices need, the most common first
 * @param progress how many devices needed it on each day
 * @param listeners the answers for them
 * @param subnets the answers for them
 * @param others how many subnets are not shown; empty for none
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
   * An answer.
   *
   * @param name of the listener or subnet
   * @param note about it; may be empty
   * @param answer in a word or two
   * @param tone the class of its colour
   * @param because why
   * @param devices how many connected recently
   * @param standing how many of them stand against it
   * @param list where all devices are that connected there
   * @param link where the same is told with each device; empty for here
   * @param needs what the devices of a listener need, with links to them
   * @param against those that stand against it, the latest first
   * @param latest what these are
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
      List<Chip> needs,
      List<Against> against,
      String latest,
      List<String> incomplete) {}

  /**
   * A device that stands against it.
   *
   * @param link to all there is of it
   * @param name what it is called, or calls itself
   * @param needs what it needed, and where
   * @param last when it last did
   */
  record Against(String address, String link, String name, String needs, When last) {}

  /** Whether one listener or subnet was asked for. */
  boolean narrowed() {
    return !listener.isEmpty() || !subnet.isEmpty();
  }
}
