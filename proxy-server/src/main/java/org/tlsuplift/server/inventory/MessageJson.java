package org.tlsuplift.server.inventory;

import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SequenceWriter;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import org.tlsuplift.server.inventory.messages.MessageFields;
import org.tlsuplift.server.inventory.messages.Messages;
import org.tlsuplift.server.inventory.messages.SilentSender;
import org.tlsuplift.server.inventory.messages.StoredMessage;
import org.tlsuplift.server.log.Json;

/**
 * Writes messages as JSON in the format of {@code /api/messages}, escaped for use inside HTML. The
 * names are those of the access log. Unknown values are omitted.
 */
public final class MessageJson {
  /** Escapes the characters that end a text, a tag or a script in HTML. */
  private static final ObjectWriter JSON = Json.INDENTED.with(Json.escaping("<>&'\u007f"));

  private MessageJson() {}

  /** Messages that are read while they are written. */
  public interface Source {
    void forEach(Messages.MessageConsumer consumer) throws SQLException, IOException;
  }

  /** Writes an array, one message at a time while the messages are read. */
  public static void write(Source messages, Writer target) throws SQLException, IOException {
    try (SequenceWriter array = JSON.writeValuesAsArray(target)) {
      messages.forEach(message -> array.write(fields(message)));
    }
  }

  private static MessageFields fields(StoredMessage stored) {
    return MessageFields.of(stored, DeviceAddress.of(stored.message().device()).text());
  }

  /** Writes the same array as a file in UTF-8 that ends with a newline. */
  public static void write(Source messages, OutputStream target) throws SQLException, IOException {
    Writer writer = new BufferedWriter(new OutputStreamWriter(target, StandardCharsets.UTF_8));
    write(messages, writer);
    writer.write('\n');
    writer.flush();
  }

  /** Writes the devices that sent regularly and have stopped. */
  public static String text(List<SilentSender> silent) throws IOException {
    return JSON.writeValueAsString(silent);
  }
}
