package org.tlsuplift.server.inventory;

import java.util.List;

/**
 * Devices of one page.
 *
 * @param devices in the order of the query
 * @param total how many match in all
 */
public record DevicePage(List<DeviceRecord> devices, long total) {
  public DevicePage {
    devices = List.copyOf(devices);
  }
}
