package org.tlsuplift.server.inventory;

import java.io.IOException;
import java.io.OutputStream;
import java.io.Writer;
import java.sql.SQLException;
import java.util.List;
import org.tlsuplift.server.inventory.messages.MessageFields;
import org.tlsuplift.server.inventory.messages.SilentSender;
import org.tlsuplift.server.inventory.messages.StoredMessage;

/**
 * Writes messages as JSON in the format of {@code /api/messages}, escaped for use inside HTML. The
 * names are those of the access log. Unknown values are omitted.
 */
public final class MessageJson {
  private MessageJson() {}

  /** Writes an array, one message at a time while the messages are read. */
  public static void write(Rows<StoredMessage> messages, Writer target)
      throws SQLException, IOException {
    messages.json(MessageJson::fields, target);
  }

  private static MessageFields fields(StoredMessage stored) {
    return MessageFields.of(stored, DeviceAddress.of(stored.message().device()).text());
  }

  /** Writes the same array as a file in UTF-8 that ends with a newline. */
  public static void write(Rows<StoredMessage> messages, OutputStream target)
      throws SQLException, IOException {
    messages.json(MessageJson::fields, target);
  }

  /** Writes the devices that sent regularly and have stopped. */
  public static String text(List<SilentSender> silent) throws IOException {
    return Rows.JSON.writeValueAsString(silent);
  }
}
