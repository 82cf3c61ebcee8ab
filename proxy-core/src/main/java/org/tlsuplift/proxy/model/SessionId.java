package org.tlsuplift.proxy.model;

/**
 * Identifies one session in the log, the access log and the inventory.
 *
 * <p>Unique within one run of the daemon; printed as at least eight hexadecimal digits.
 *
 * @param value a counter that starts at 1
 */
public record SessionId(long value) {
  private static final int DIGITS = 8;

  @Override
  public String toString() {
    String digits = Long.toHexString(value);
    return "0".repeat(Math.max(0, DIGITS - digits.length())) + digits;
  }
}
