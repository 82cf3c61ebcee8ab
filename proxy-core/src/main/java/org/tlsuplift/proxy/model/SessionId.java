package org.tlsuplift.proxy.model;

/**
 * Names one session in logs, access log and inventory.
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
