package org.tlsuplift.server.http.pages;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.console.PageFrame;
import org.tlsuplift.server.console.PageText;
import org.tlsuplift.server.inventory.DeviceAddress;
import org.tlsuplift.server.inventory.messages.MessageRecord;
import org.tlsuplift.server.inventory.messages.StoredMessage;

/**
 * The texts of the message list.
 *
 * @param frame around it
 * @param form the fields of the request
 * @param problems of the form, by field
 * @param outcomes to choose from
 * @param listeners to choose from
 * @param silent the devices that sent regularly and have stopped
 * @param summary the number of messages, in words
 * @param rows of the table
 * @param pages links to other pages of the list
 * @param csv address of the same list as CSV
 * @param json address of the same list as JSON
 */
record MessageListPage(
    PageFrame frame,
    ListForm form,
    Map<String, String> problems,
    List<DeviceListPage.Option> outcomes,
    List<DeviceListPage.Option> listeners,
    List<Silent> silent,
    String summary,
    List<Row> rows,
    List<DeviceListPage.Step> pages,
    String csv,
    String json) {
  /** A message, as it is shown at this time. */
  record Row(StoredMessage stored, Instant now) {
    MessageRecord message() {
      return stored.message();
    }

    When at() {
      return When.of(message().at(), now);
    }

    String address() {
      return DeviceAddress.of(message().device()).text();
    }

    /** Why TLS Uplift refused it; null if it did not. */
    @Nullable ProblemText refusal() {
      return message().refusal().isEmpty() ? null : ProblemText.ofRefusal(message().refusal());
    }

    /** The number of recipients, and what is stored of them. */
    String recipients() {
      String count = PageText.number(message().recipientCount());
      String accepted =
          message().acceptedRecipients() == message().recipientCount()
              ? ""
              : ", " + PageText.number(message().acceptedRecipients()) + " accepted";
      String known = String.join(", ", message().recipients());
      return count + accepted + (known.isEmpty() ? "" : ": " + PageText.visible(known));
    }

    /** The versions of both sides. */
    String tls() {
      String device =
          message().deviceTls().equals(MessageRecord.NO_TLS) ? "no TLS" : message().deviceTls();
      if (message().outcome().isLater()) {
        return "";
      }
      return device + " → " + (message().originTls().isEmpty() ? "unknown" : message().originTls());
    }

    String outcome() {
      return MessageListReader.words(message().outcome());
    }

    /** The class of the outcome's colour. */
    String tone() {
      return switch (message().outcome()) {
        case ACCEPTED, DELIVERED -> "good";
        case DEFERRED, ABANDONED, WAITING, UNKNOWN -> "calm";
        case REJECTED, REFUSED, RETURNED -> "bad";
      };
    }
  }

  /** A device that has stopped sending. */
  record Silent(
      String device,
      String link,
      String name,
      When latest,
      AcknowledgementForms.Shown acknowledgement) {}

  /** Whether a field filters the list. */
  boolean narrows() {
    return form.has(MessageForm.FIELDS);
  }

  /** The problem of a field; empty for none. */
  String problem(String field) {
    return problems.getOrDefault(field, "");
  }
}
