package org.tlsuplift.server.inventory;

import java.util.List;

/**
 * One page of devices.
 *
 * @param total the number of matching devices on all pages
 */
public record DevicePage(List<DeviceRecord> devices, long total) {
  public DevicePage {
    devices = List.copyOf(devices);
  }
}
