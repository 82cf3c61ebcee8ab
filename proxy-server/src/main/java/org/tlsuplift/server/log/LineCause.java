package org.tlsuplift.server.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.event.KeyValuePair;
import org.tlsuplift.proxy.model.DeviceNetworks;

/**
 * The key of the limit: lines with the same subject, logger, message and reason count together.
 *
 * @param subject the device as {@link DeviceNetworks} counts it, the address of a request to the
 *     admin port, or the listener; empty for other lines
 * @param logger the logger's name
 * @param line the constant message
 * @param reason the value that distinguishes events with the same message; may be empty
 */
record LineCause(String subject, String logger, String line, String reason) {
  /** All lines of all subjects for which there is no room. */
  static final LineCause ALL_OTHERS = new LineCause("others", "", "of all kinds", "");

  private static final List<String> ADDRESSES = List.of("device", "address");
  private static final List<String> LISTENER = List.of("listener");

  /** Keys with a few values, none of which comes from outside. */
  private static final List<String> REASONS =
      List.of("reason", "handshake", "outcome", "refusal", "reply");

  private static final int MAX_LINE = 200;
  private static final String VALUE_ONLY = "{}";

  /** An event with its cause and remedy, which do not belong to the key. */
  private static final Pattern EVENT = Pattern.compile("([^{}]+): \\{}(?:; \\{})?");

  static LineCause of(ILoggingEvent event) {
    List<KeyValuePair> values = event.getKeyValuePairs();
    if (values == null) {
      return new LineCause("", event.getLoggerName(), line(event), "");
    }
    String address = network(join(values, ADDRESSES));
    return new LineCause(
        address.isEmpty() ? join(values, LISTENER) : address,
        event.getLoggerName(),
        line(event),
        join(values, REASONS));
  }

  /** The shared key for the subjects beyond the limit. */
  LineCause ofOthers() {
    return new LineCause("others", logger, line, reason);
  }

  private static String line(ILoggingEvent logged) {
    String message = String.valueOf(logged.getMessage());
    Matcher event = EVENT.matcher(message);
    String line = event.matches() ? event.group(1) : message;
    if (message.equals(VALUE_ONLY)) {
      line = String.valueOf(logged.getFormattedMessage());
    }
    return line.substring(0, Math.min(line.length(), MAX_LINE));
  }

  private static String join(List<KeyValuePair> values, List<String> keys) {
    StringBuilder joined = new StringBuilder();
    for (KeyValuePair each : values) {
      if (keys.contains(each.key)) {
        joined.append(joined.isEmpty() ? "" : " ").append(each.value);
      }
    }
    return joined.toString();
  }

  private static String network(String address) {
    InetAddress device = NetUtil.createInetAddressFromIpAddressString(address);
    if (!(device instanceof Inet6Address) || device.isLoopbackAddress()) {
      return address;
    }
    DeviceNetworks networks = DeviceNetworks.DEFAULT;
    return NetUtil.toAddressString(networks.of(device)) + "/" + networks.ipv6PrefixLength();
  }
}
