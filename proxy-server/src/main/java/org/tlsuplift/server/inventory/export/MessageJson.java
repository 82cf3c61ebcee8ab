package org.tlsuplift.server.inventory.export;

import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SequenceWriter;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.inventory.DeviceAddress;
import org.tlsuplift.server.json.Json;
import org.tlsuplift.server.messages.MessageRecord;
import org.tlsuplift.server.messages.Messages;
import org.tlsuplift.server.messages.SilentSender;
import org.tlsuplift.server.messages.StoredMessage;

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

  private record Message(
      Instant at,
      double seconds,
      String session,
      String listener,
      String device,
      @Nullable String deviceName,
      @Nullable String account,
      String sender,
      @Nullable List<String> recipients,
      int recipientCount,
      int acceptedRecipients,
      long size,
      String outcome,
      @Nullable String refusal,
      @Nullable String reply,
      String deviceTls,
      @Nullable String originTls) {
    static Message of(StoredMessage stored) {
      MessageRecord message = stored.message();
      return new Message(
          message.at(),
          message.duration().toMillis() / 1000.0,
          message.session(),
          message.listener(),
          DeviceAddress.of(message.device()).text(),
          known(stored.deviceName()),
          known(message.account()),
          message.sender(),
          message.recipients().isEmpty() ? null : message.recipients(),
          message.recipientCount(),
          message.acceptedRecipients(),
          message.size(),
          message.outcome().label(),
          known(message.refusal()),
          known(message.reply()),
          message.deviceTls(),
          known(message.originTls()));
    }
  }

  private static @Nullable String known(String value) {
    return value.isEmpty() ? null : value;
  }

  /** Writes an array, one message at a time while the messages are read. */
  public static void write(Source messages, Writer target) throws SQLException, IOException {
    try (SequenceWriter array = JSON.writeValuesAsArray(target)) {
      messages.forEach(message -> array.write(Message.of(message)));
    }
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
