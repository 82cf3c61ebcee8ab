package org.tlsuplift.server.http.pages;

import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.tlsuplift.proxy.model.MessageOutcome;
import org.tlsuplift.server.console.PageFrame;
import org.tlsuplift.server.console.PageText;
import org.tlsuplift.server.inventory.FilterWords;
import org.tlsuplift.server.inventory.messages.MessagePage;
import org.tlsuplift.server.inventory.messages.Messages;
import org.tlsuplift.server.inventory.messages.SilentSender;
import org.tlsuplift.server.inventory.messages.StoredMessage;

/** Reads the content of the message list. */
record MessageListReader(List<String> listeners) {
  /** More would hide the list; the command shows all. */
  private static final int MAX_SILENT = 20;

  /** Reads the list; it is empty if the form has problems. */
  MessageListPage read(
      Messages messages,
      List<SilentSender> silent,
      ListForm form,
      PageFrame frame,
      AcknowledgementForms.OnPage acknowledgements,
      Instant now)
      throws SQLException {
    MessageForm.Reading asked = MessageForm.read(form, now);
    boolean sound = asked.problems().isEmpty();
    MessagePage page =
        sound
            ? messages.page(asked.filter(), (asked.page() - 1) * MessageForm.SIZE, MessageForm.SIZE)
            : new MessagePage(List.of(), 0);
    return new MessageListPage(
        frame,
        form,
        asked.problems(),
        outcomes(form.value("outcome")),
        ListParts.listeners(listeners, form.value("listener")),
        silent.stream()
            .limit(MAX_SILENT)
            .map(sender -> silent(sender, acknowledgements, now))
            .toList(),
        sound
            ? summary(asked, page, form.has(MessageForm.FIELDS))
            : "Nothing is listed: correct the form.",
        rows(page.messages(), now),
        ListParts.steps(
            asked.page(), MessageForm.SIZE, page.total(), number -> form.onPage(number).link()),
        form.onPage(1).link("/messages.csv"),
        form.onPage(1).link("/messages.json"));
  }

  private static MessageListPage.Silent silent(
      SilentSender sender, AcknowledgementForms.OnPage acknowledgements, Instant now) {
    return new MessageListPage.Silent(
        PageText.visible(sender.address()),
        DeviceListReader.link(sender.address()),
        PageText.shortened(PageText.visible(sender.name())),
        When.of(sender.latest(), now),
        acknowledgements.of(AcknowledgementForms.of(sender)));
  }

  static List<MessageListPage.Row> rows(List<StoredMessage> messages, Instant now) {
    return messages.stream().map(message -> new MessageListPage.Row(message, now)).toList();
  }

  static String words(MessageOutcome outcome) {
    return switch (outcome) {
      case ACCEPTED -> "Accepted";
      case DEFERRED -> "Deferred by the origin";
      case REJECTED -> "Rejected by the origin";
      case REFUSED -> "Refused by TLS Uplift";
      case ABANDONED -> "Abandoned";
      case WAITING -> "Waiting";
      case DELIVERED -> "Delivered later";
      case RETURNED -> "Returned";
      case UNKNOWN -> "Unknown";
    };
  }

  private static List<DeviceListPage.Option> outcomes(String chosen) {
    return DeviceListPage.Option.of(
        Stream.concat(
            Stream.of("", MessageForm.FAILED),
            Stream.of(MessageOutcome.values())
                .filter(outcome -> outcome != MessageOutcome.UNKNOWN)
                .map(MessageOutcome::label)),
        chosen,
        label ->
            label.equals(MessageForm.FAILED)
                ? "Not accepted"
                : words(FilterWords.parse(MessageOutcome.values(), label)));
  }

  private static String summary(MessageForm.Reading asked, MessagePage page, boolean narrowed) {
    if (page.total() == 0) {
      return narrowed ? "No message matches." : "No message has been recorded yet.";
    }
    return ListParts.summary(
        "message", asked.page(), MessageForm.SIZE, page.messages().size(), page.total());
  }
}
