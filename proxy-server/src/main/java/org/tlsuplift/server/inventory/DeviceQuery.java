package org.tlsuplift.server.inventory;

/**
 * A query for one page of devices.
 *
 * @param sort the first criterion; the address decides between equal devices
 * @param limit 1 to {@value #MAX_LIMIT}
 */
public record DeviceQuery(
    DeviceFilter filter, DeviceSort sort, boolean descending, int offset, int limit) {
  public static final int MAX_LIMIT = 1000;

  public DeviceQuery {
    if (offset < 0 || limit < 1 || limit > MAX_LIMIT) {
      throw new IllegalArgumentException(
          "limit must be 1 to " + MAX_LIMIT + ", and offset at least 0");
    }
  }
}
