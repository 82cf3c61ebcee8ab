package org.tlsuplift.server.http.pages;

import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tlsuplift.proxy.model.MessageOutcome;
import org.tlsuplift.server.inventory.FilterWords;
import org.tlsuplift.server.inventory.messages.MessageFilter;
import org.tlsuplift.server.inventory.messages.MessageTimes;

/** The form of the message list. */
final class MessageForm {
  /** The value of the field outcome for all messages that did not arrive. */
  static final String FAILED = "failed";

  static final int SIZE = 50;

  static final List<String> FIELDS =
      List.of("sender", "recipient", "device", "from", "to", "outcome", "listener");

  /** Selects all messages. */
  static final ListForm ALL = new ListForm(Navigation.MESSAGES.path(), FIELDS);

  private MessageForm() {}

  /**
   * The content of a form.
   *
   * @param filter without the fields that have problems
   * @param page counted from 1
   * @param problems by field, each one line
   */
  record Reading(MessageFilter filter, int page, Map<String, String> problems) {}

  /** The filter for the inventory, and the problems of invalid fields. */
  static Reading read(ListForm form, Instant now) {
    Map<String, String> problems = new LinkedHashMap<>();
    MessageFilter filter =
        new MessageFilter(
            text(form, "sender", problems),
            text(form, "recipient", problems),
            text(form, "device", problems),
            Optional.of(text(form, "listener", problems)).filter(name -> !name.isEmpty()),
            form.read("outcome", Set.of(), MessageFilter.MAX_TEXT, MessageForm::outcomes, problems),
            time(form, "from", now, problems),
            time(form, "to", now, problems));
    return new Reading(filter, form.page(problems), problems);
  }

  private static String text(ListForm form, String field, Map<String, String> problems) {
    return form.read(field, "", MessageFilter.MAX_TEXT, text -> text, problems);
  }

  private static Set<MessageOutcome> outcomes(String wanted) {
    try {
      return wanted.equals(FAILED)
          ? EnumSet.complementOf(
              EnumSet.of(MessageOutcome.ACCEPTED, MessageOutcome.WAITING, MessageOutcome.DELIVERED))
          : FilterWords.parseAll(MessageOutcome.values(), wanted);
    } catch (IllegalArgumentException wrong) {
      throw new IllegalArgumentException("there is no such outcome", wrong);
    }
  }

  static Optional<Instant> time(
      ListForm form, String field, Instant now, Map<String, String> problems) {
    return form.read(
        field,
        Optional.empty(),
        MessageFilter.MAX_TEXT,
        text -> Optional.of(MessageTimes.parse(text, now)),
        problems);
  }
}
