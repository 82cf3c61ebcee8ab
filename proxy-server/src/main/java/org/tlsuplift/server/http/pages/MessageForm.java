package org.tlsuplift.server.http.pages;

import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.model.MessageOutcome;
import org.tlsuplift.server.http.Request;
import org.tlsuplift.server.inventory.FilterWords;
import org.tlsuplift.server.inventory.messages.MessageFilter;
import org.tlsuplift.server.inventory.messages.MessageTimes;

/**
 * The fields of the message list's form, which are also the parameters of its address. Immutable.
 */
final class MessageForm {
  /** The value of the field outcome for all messages that did not arrive. */
  static final String FAILED = "failed";

  static final int SIZE = 50;

  private static final List<String> FIELDS =
      List.of("sender", "recipient", "device", "from", "to", "outcome", "listener", "page");
  private static final int MAX_PAGE = 1_000_000;

  private final Map<String, String> values;

  private MessageForm(Map<String, String> values) {
    this.values = values;
  }

  /** The form of a request, without unknown parameters. */
  static MessageForm of(Request request) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String field : FIELDS) {
      request
          .parameter(field)
          .map(String::strip)
          .filter(value -> !value.isEmpty())
          .ifPresent(value -> values.put(field, value));
    }
    return new MessageForm(values);
  }

  /** The form of all messages of one device. */
  static MessageForm ofDevice(String address) {
    return new MessageForm(Map.of("device", address));
  }

  MessageForm onPage(long page) {
    Map<String, String> changed = new LinkedHashMap<>(values);
    changed.remove("page");
    if (page > 1) {
      changed.put("page", String.valueOf(page));
    }
    return new MessageForm(changed);
  }

  /** The value of a field; empty for none. */
  String value(String field) {
    return values.getOrDefault(field, "");
  }

  /** Whether a field filters the list. */
  boolean narrows() {
    return FIELDS.stream().anyMatch(field -> !field.equals("page") && values.containsKey(field));
  }

  /** The address of another path with the same parameters. */
  String link(String path) {
    String query =
        FIELDS.stream()
            .filter(values::containsKey)
            .map(field -> field + "=" + PageText.encoded(value(field)))
            .collect(Collectors.joining("&"));
    return query.isEmpty() ? path : path + "?" + query;
  }

  /**
   * The content of a form.
   *
   * @param filter without the fields that have problems
   * @param page counted from 1
   * @param problems by field, each one line
   */
  record Reading(MessageFilter filter, int page, Map<String, String> problems) {}

  /** The filter for the inventory, and the problems of invalid fields. */
  Reading read(Instant now) {
    Map<String, String> problems = new LinkedHashMap<>();
    MessageFilter filter =
        new MessageFilter(
            text("sender", problems),
            text("recipient", problems),
            text("device", problems),
            Optional.of(value("listener")).filter(name -> !name.isEmpty()),
            outcomes(problems),
            time("from", now, problems),
            time("to", now, problems));
    return new Reading(filter, page(problems), problems);
  }

  private String text(String field, Map<String, String> problems) {
    if (value(field).length() > MessageFilter.MAX_TEXT) {
      problems.put(field, "no more than " + MessageFilter.MAX_TEXT + " characters are allowed");
      return "";
    }
    return value(field);
  }

  private Set<MessageOutcome> outcomes(Map<String, String> problems) {
    String wanted = value("outcome");
    if (wanted.isEmpty()) {
      return Set.of();
    }
    try {
      return wanted.equals(FAILED)
          ? EnumSet.complementOf(EnumSet.of(MessageOutcome.ACCEPTED))
          : FilterWords.parseAll(MessageOutcome.values(), wanted);
    } catch (IllegalArgumentException wrong) {
      problems.put("outcome", "there is no such outcome");
      return Set.of();
    }
  }

  private Optional<Instant> time(String field, Instant now, Map<String, String> problems) {
    try {
      return Optional.of(value(field))
          .filter(text -> !text.isEmpty())
          .map(text -> MessageTimes.parse(text, now));
    } catch (IllegalArgumentException wrong) {
      problems.put(field, String.valueOf(wrong.getMessage()));
      return Optional.empty();
    }
  }

  private int page(Map<String, String> problems) {
    String text = value("page");
    if (text.isEmpty()) {
      return 1;
    }
    if (text.matches("[0-9]{1,7}")) {
      int page = Integer.parseInt(text);
      if (page >= 1 && page <= MAX_PAGE) {
        return page;
      }
    }
    problems.put("page", "a number from 1 to " + MAX_PAGE + " is allowed");
    return 1;
  }
}
