package org.tlsuplift.server.inventory.messages;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message as its JSON shows it, in the access log and in {@code /api/messages}. Unknown values
 * are null.
 *
 * @param type of the line in the access log; null elsewhere
 * @param seconds from MAIL to the end
 * @param wayIn how the listener accepts devices; null outside the access log
 * @param device its address
 * @param deviceName null in the access log, which is written without the inventory
 */
public record MessageFields(
    @Nullable String type,
    Instant at,
    double seconds,
    String session,
    String listener,
    @Nullable String wayIn,
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
  /** The fields of a line in the access log. */
  public static MessageFields ofLine(MessageRecord message, @Nullable String wayIn) {
    return of(message, "message", wayIn, message.device().getHostAddress(), "");
  }

  /**
   * The fields of a message in the inventory.
   *
   * @param device its address, in the inventory's form
   */
  public static MessageFields of(StoredMessage stored, String device) {
    return of(stored.message(), null, null, device, stored.deviceName());
  }

  private static MessageFields of(
      MessageRecord message,
      @Nullable String type,
      @Nullable String wayIn,
      String device,
      String deviceName) {
    return new MessageFields(
        type,
        message.at(),
        message.duration().toMillis() / 1000.0,
        message.session(),
        message.listener(),
        wayIn,
        device,
        known(deviceName),
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

  private static @Nullable String known(String value) {
    return value.isEmpty() ? null : value;
  }
}
