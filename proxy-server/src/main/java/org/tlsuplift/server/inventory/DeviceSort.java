package org.tlsuplift.server.inventory;

import java.util.Locale;

/** By what devices are sorted. */
public enum DeviceSort {
  /** By address, as numbers. */
  ADDRESS("device.address_key"),
  /** By name; those without one come first. */
  NAME("device.name"),
  /** By verdict, the worst first. */
  VERDICT(""),
  /** By when it was first seen. */
  FIRST_SEEN("device.first_seen"),
  /** By when it was last seen. */
  LAST_SEEN("device.last_seen"),
  /** By the worst version it has agreed to. */
  WORST_VERSION("device.worst_version"),
  /** By the number of sessions. */
  SESSIONS("device.sessions"),
  /** By the number of legacy handshakes. */
  LEGACY("device.legacy"),
  /** By the number of failures. */
  FAILURES("device.failures"),
  /** By payload in both directions. */
  BYTES("device.bytes_up + device.bytes_down");

  private final String sql;

  DeviceSort(String sql) {
    this.sql = sql;
  }

  /** The word on the command line and in addresses of pages. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The expression; empty for the verdict. */
  String sql() {
    return sql;
  }
}
