package org.tlsuplift.server.inventory;

import java.util.List;

/**
 * One page of devices.
 *
 * @param total number of matching devices
 */
public record DevicePage(List<DeviceRecord> devices, long total) {
  public DevicePage {
    devices = List.copyOf(devices);
  }
}
