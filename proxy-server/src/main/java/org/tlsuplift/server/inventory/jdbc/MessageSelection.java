package org.tlsuplift.server.inventory.jdbc;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.server.inventory.DeviceAddress;
import org.tlsuplift.server.inventory.messages.MessageFilter;
import org.tlsuplift.server.inventory.messages.MessageRecord;

/**
 * An SQL condition that selects messages, with its parameters.
 *
 * @param where the condition, with question marks
 * @param parameters the values of the question marks
 */
record MessageSelection(String where, List<String> parameters) {
  static MessageSelection of(MessageFilter filter) {
    List<String> conditions = new ArrayList<>();
    List<String> parameters = new ArrayList<>();
    // Ids begin with the time, and their index is the order of the list.
    filter
        .from()
        .ifPresent(
            from -> {
              conditions.add("message.id >= ?");
              parameters.add(MessageRecord.idBegin(from));
            });
    filter
        .to()
        .ifPresent(
            to -> {
              conditions.add("message.id < ?");
              parameters.add(MessageRecord.idBegin(to));
            });
    device(filter.device().strip(), conditions, parameters);
    filter
        .listener()
        .ifPresent(
            listener -> {
              conditions.add("message.listener = ?");
              parameters.add(listener);
            });
    if (!filter.outcomes().isEmpty()) {
      conditions.add(
          filter.outcomes().stream()
              .map(outcome -> "'" + outcome.label() + "'")
              .sorted()
              .collect(Collectors.joining(", ", "message.outcome IN (", ")")));
    }
    String sender = filter.sender().strip().toLowerCase(Locale.ROOT);
    if (!sender.isEmpty()) {
      conditions.add("(" + like("message.sender") + " OR " + like("message.account") + ")");
      parameters.add(part(sender));
      parameters.add(part(sender));
    }
    recipient(filter.recipient().strip().toLowerCase(Locale.ROOT), conditions, parameters);
    return new MessageSelection(
        conditions.isEmpty() ? "1 = 1" : String.join(" AND ", conditions), parameters);
  }

  private static void device(String device, List<String> conditions, List<String> parameters) {
    if (device.isEmpty()) {
      return;
    }
    try {
      Cidr block = Cidr.parse(device);
      List<String> bounds = DeviceAddress.bounds(block);
      if (bounds.get(0).equals(bounds.get(1))) {
        // Compare the text column: it is indexed.
        conditions.add("message.address = ?");
        parameters.add(DeviceAddress.of(block.network()).text());
      } else {
        conditions.add(DeviceAddress.within("message.address_key", block));
        parameters.addAll(bounds);
      }
    } catch (IllegalArgumentException name) {
      conditions.add(
          "message.address IN (SELECT address FROM device WHERE "
              + like("name")
              + " OR "
              + like("introduction")
              + " OR address LIKE ? ESCAPE '!')");
      String part = part(device.toLowerCase(Locale.ROOT));
      parameters.addAll(List.of(part, part, part));
    }
  }

  private static void recipient(
      String recipient, List<String> conditions, List<String> parameters) {
    if (recipient.isEmpty()) {
      return;
    }
    int at = recipient.lastIndexOf('@');
    parameters.add(part(recipient));
    if (at > 0) {
      // Where only domains are stored, the domain of the address is a line of its own.
      conditions.add(
          "("
              + like("message.recipients")
              + " OR '\n' || lower(message.recipients) || '\n' LIKE ? ESCAPE '!')");
      parameters.add("%\n" + escaped(recipient.substring(at)) + "\n%");
    } else {
      conditions.add(like("message.recipients"));
    }
  }

  private static String like(String column) {
    return "lower(" + column + ") LIKE ? ESCAPE '!'";
  }

  private static String part(String text) {
    return "%" + escaped(text) + "%";
  }

  private static String escaped(String text) {
    return text.replaceAll("[!%_]", "!$0");
  }
}
