package org.tlsuplift.server.command.text;

import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.tlsuplift.server.inventory.messages.MessageRecord;
import org.tlsuplift.server.inventory.messages.SilentSender;
import org.tlsuplift.server.inventory.messages.StoredMessage;
import org.tlsuplift.server.terminal.TextColumns;
import org.tlsuplift.server.text.Printable;

/** Messages as text for a terminal, without control characters. */
public final class MessageText {
  private static final List<String> HEADER =
      List.of("TIME", "DEVICE", "LISTENER", "SENDER", "RECIPIENTS", "SIZE", "OUTCOME", "REPLY");
  private static final List<String> SILENT_HEADER =
      List.of("ADDRESS", "NAME", "LATEST MAIL", "DAYS WITH MAIL", "LONGEST PAUSE");
  private static final int MAX_RECIPIENTS = 40;

  private MessageText() {}

  /** A header and a line for each message. */
  public static List<String> table(List<StoredMessage> messages) {
    List<List<String>> rows = new ArrayList<>(List.of(HEADER));
    messages.forEach(message -> rows.add(row(message)));
    return TextColumns.aligned(rows);
  }

  /** A header and a line for each device. */
  public static List<String> silent(List<SilentSender> senders) {
    List<List<String>> rows = new ArrayList<>(List.of(SILENT_HEADER));
    senders.forEach(
        sender ->
            rows.add(
                Stream.of(
                        sender.address(),
                        sender.name().isEmpty() ? "-" : sender.name(),
                        sender.latest().truncatedTo(ChronoUnit.SECONDS).toString(),
                        sender.days() + " of " + SilentSender.WINDOW_DAYS,
                        DeviceText.count(sender.pause(), "day"))
                    .map(Printable::line)
                    .toList()));
    return TextColumns.aligned(rows);
  }

  private static List<String> row(StoredMessage stored) {
    MessageRecord message = stored.message();
    String address = message.device().getHostAddress();
    return Stream.of(
            message.at().truncatedTo(ChronoUnit.SECONDS).toString(),
            stored.deviceName().isEmpty() ? address : address + " " + stored.deviceName(),
            message.listener(),
            message.sender().isEmpty() ? "<>" : message.sender(),
            recipients(message),
            String.valueOf(message.size()),
            message.refusal().isEmpty()
                ? message.outcome().label()
                : message.outcome().label() + ": " + message.refusal(),
            message.reply())
        .map(Printable::line)
        .toList();
  }

  private static String recipients(MessageRecord message) {
    String stored = String.join(",", message.recipients());
    String shown =
        stored.length() > MAX_RECIPIENTS ? stored.substring(0, MAX_RECIPIENTS) + "..." : stored;
    return shown.isEmpty()
        ? String.valueOf(message.recipientCount())
        : message.recipientCount() + " " + shown;
  }

  /** One message with all that is known. */
  public static List<String> lines(StoredMessage stored) {
    MessageRecord message = stored.message();
    List<String> lines = new ArrayList<>();
    lines.add("time         " + message.at());
    lines.add("session      " + message.session());
    lines.add(
        "device       "
            + message.device().getHostAddress()
            + (stored.deviceName().isEmpty() ? "" : " " + stored.deviceName()));
    lines.add("listener     " + message.listener());
    if (!message.account().isEmpty()) {
      lines.add("account      " + message.account());
    }
    lines.add("sender       " + (message.sender().isEmpty() ? "<>" : message.sender()));
    lines.add(
        "recipients   %s, %d accepted%s"
            .formatted(
                message.recipientCount(),
                message.acceptedRecipients(),
                message.recipients().isEmpty()
                    ? ""
                    : ": " + String.join(", ", message.recipients())));
    lines.add(
        "size         %d bytes in %d ms".formatted(message.size(), message.duration().toMillis()));
    lines.add(
        "outcome      "
            + message.outcome().label()
            + (message.refusal().isEmpty() ? "" : ": " + message.refusal()));
    lines.add("reply        " + (message.reply().isEmpty() ? "none" : message.reply()));
    lines.add(
        "TLS          device %s, origin %s"
            .formatted(
                message.deviceTls(),
                message.originTls().isEmpty() ? "unknown" : message.originTls()));
    return lines.stream().map(Printable::line).toList();
  }
}
