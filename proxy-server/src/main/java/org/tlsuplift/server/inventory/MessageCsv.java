package org.tlsuplift.server.inventory;

import java.io.IOException;
import java.io.OutputStream;
import java.sql.SQLException;
import org.tlsuplift.server.inventory.messages.MessageRecord;
import org.tlsuplift.server.inventory.messages.StoredMessage;

/** Writes messages as CSV (RFC 4180) for spreadsheets, by the rules of {@link DeviceCsv}. */
public final class MessageCsv {
  /** The header line. */
  public static final String HEADER =
      "at,seconds,session,listener,device,device_name,account,sender,recipients,recipient_count,"
          + "accepted_recipients,size,outcome,refusal,reply,device_tls,origin_tls";

  private MessageCsv() {}

  /** Writes the header, then one line for each message while the messages are read. */
  public static void write(Rows<StoredMessage> messages, OutputStream target)
      throws SQLException, IOException {
    messages.csv(HEADER, MessageCsv::line, target);
  }

  /** One message as a line, without the line end. */
  public static String line(StoredMessage stored) {
    MessageRecord message = stored.message();
    return DeviceCsv.row(
        message.at(),
        message.duration().toMillis() / 1000.0,
        message.session(),
        message.listener(),
        DeviceAddress.of(message.device()).text(),
        stored.deviceName(),
        message.account(),
        message.sender(),
        String.join(" ", message.recipients()),
        message.recipientCount(),
        message.acceptedRecipients(),
        message.size(),
        message.outcome().label(),
        message.refusal(),
        message.reply(),
        message.deviceTls(),
        message.originTls());
  }
}
