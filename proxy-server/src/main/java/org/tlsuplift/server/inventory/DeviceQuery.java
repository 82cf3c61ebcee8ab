package org.tlsuplift.server.inventory;

/**
 * A query for one page of devices.
 *
 * @param sort equal devices are in the order of their addresses
 * @param limit 1 to {@value #MAX_LIMIT}
 */
public record DeviceQuery(
    DeviceFilter filter, DeviceSort sort, boolean descending, int offset, int limit) {
  public static final int MAX_LIMIT = 1000;

  public DeviceQuery {
    if (offset < 0 || limit < 1 || limit > MAX_LIMIT) {
      throw new IllegalArgumentException(
          "a page has 1 to " + MAX_LIMIT + " devices and starts at 0 or later");
    }
  }
}
