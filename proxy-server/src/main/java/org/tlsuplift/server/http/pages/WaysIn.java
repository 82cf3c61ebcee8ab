package org.tlsuplift.server.http.pages;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How devices reach this machine.
 *
 * @param each one for each listener, in the order of the configuration
 * @param machine its name
 */
public record WaysIn(List<DeviceInstructions> each, String machine) {
  public WaysIn {
    each = List.copyOf(each);
  }

  /** The names of the listeners. */
  public List<String> listeners() {
    return each.stream().map(DeviceInstructions::listener).toList();
  }

  /** The names of the listeners on which TLS Uplift signs in for the devices. */
  public Set<String> signInListeners() {
    return each.stream()
        .filter(DeviceInstructions::signIn)
        .map(DeviceInstructions::listener)
        .collect(Collectors.toSet());
  }

  /**
   * The settings of devices, for a person at a device.
   *
   * @param host of this machine for devices; empty if it is unknown
   */
  List<FirstSteps.WayIn> settings(String host) {
    return each.stream().map(way -> FirstSteps.WayIn.of(way, host, machine)).toList();
  }
}
