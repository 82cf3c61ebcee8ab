package org.tlsuplift.proxy.session;

import java.util.Locale;

/**
 * Names one session in logs, access log and inventory.
 *
 * <p>Unique within one run of the daemon; printed as at least eight hexadecimal digits.
 *
 * @param value a counter that starts at 1
 */
public record SessionId(long value) {
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%08x", value);
  }
}
