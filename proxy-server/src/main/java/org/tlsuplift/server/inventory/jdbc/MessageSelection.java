package org.tlsuplift.server.inventory.jdbc;

import java.util.List;
import java.util.Locale;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.server.inventory.DeviceAddress;
import org.tlsuplift.server.inventory.messages.MessageFilter;
import org.tlsuplift.server.inventory.messages.MessageRecord;

/** Selects messages. */
final class MessageSelection {
  private MessageSelection() {}

  static Selection of(MessageFilter filter) {
    Selection selection = new Selection();
    // Ids begin with the time, and their index is the order of the list.
    filter.from().ifPresent(at -> selection.and("message.id >= ?", MessageRecord.idBegin(at)));
    filter.to().ifPresent(at -> selection.and("message.id < ?", MessageRecord.idBegin(at)));
    device(filter.device().strip(), selection);
    filter.listener().ifPresent(name -> selection.and("message.listener = ?", name));
    if (!filter.outcomes().isEmpty()) {
      selection.and(
          "message.outcome IN (%s)"
              .formatted(Selection.quoted(filter.outcomes().toArray(Labelled[]::new))));
    }
    String sender = filter.sender().strip().toLowerCase(Locale.ROOT);
    if (!sender.isEmpty()) {
      selection.containing(sender, "message.sender", "message.account");
    }
    recipient(filter.recipient().strip().toLowerCase(Locale.ROOT), selection);
    return selection;
  }

  private static void device(String device, Selection selection) {
    if (device.isEmpty()) {
      return;
    }
    try {
      Cidr block = Cidr.parse(device);
      List<String> bounds = DeviceAddress.bounds(block);
      if (bounds.get(0).equals(bounds.get(1))) {
        // Compare the text column: it is indexed.
        selection.and("message.address = ?", DeviceAddress.of(block.network()).text());
      } else {
        selection.within("message.address_key", block);
      }
    } catch (IllegalArgumentException name) {
      String part = Selection.part(device.toLowerCase(Locale.ROOT));
      selection.and(
          "message.address IN (SELECT address FROM device WHERE %s OR address LIKE ? ESCAPE '!')"
              .formatted(Selection.like("name", "introduction")),
          part,
          part,
          part);
    }
  }

  private static void recipient(String recipient, Selection selection) {
    int at = recipient.lastIndexOf('@');
    if (at > 0) {
      // Where only domains are stored, the domain of the address is a line of its own.
      selection.and(
          "(%s OR '\n' || lower(message.recipients) || '\n' LIKE ? ESCAPE '!')"
              .formatted(Selection.like("message.recipients")),
          Selection.part(recipient),
          "%\n" + Selection.escaped(recipient.substring(at)) + "\n%");
    } else if (!recipient.isEmpty()) {
      selection.containing(recipient, "message.recipients");
    }
  }
}
