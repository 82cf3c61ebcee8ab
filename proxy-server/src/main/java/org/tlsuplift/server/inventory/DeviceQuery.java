package org.tlsuplift.server.inventory;

/**
 * One page of devices.
 *
 * @param filter which devices
 * @param sort the order; equal devices are in the order of their addresses
 * @param descending whether from last to first
 * @param offset how many to skip
 * @param limit how many at most, 1 to {@value #MAX_LIMIT}
 */
public record DeviceQuery(
    DeviceFilter filter, DeviceSort sort, boolean descending, int offset, int limit) {
  public static final int MAX_LIMIT = 1000;

  public DeviceQuery {
    if (offset < 0 || limit < 1 || limit > MAX_LIMIT) {
      throw new IllegalArgumentException(
          "a page has 1 to " + MAX_LIMIT + " devices and begins at 0 or later");
    }
  }
}
