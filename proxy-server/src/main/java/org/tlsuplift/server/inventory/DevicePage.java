package org.tlsuplift.server.inventory;

import java.util.List;

/**
 * One page of devices.
 *
 * @param total the number of matching devices on all pages
 * @param owners whether any device has an owner
 * @param places whether any device has a place or tags
 */
public record DevicePage(List<DeviceRecord> devices, long total, boolean owners, boolean places) {
  public DevicePage {
    devices = List.copyOf(devices);
  }
}
