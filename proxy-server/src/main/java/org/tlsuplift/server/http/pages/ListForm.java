package org.tlsuplift.server.http.pages;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.tlsuplift.server.console.PageText;
import org.tlsuplift.server.http.Request;

/**
 * The fields of a list's form. They are also the parameters of its address, so that people can
 * bookmark and send a list. Immutable.
 *
 * @param path of the list
 * @param fields their names, in the order of the address; {@code page} follows them
 * @param values of the fields that are set
 */
record ListForm(String path, List<String> fields, Map<String, String> values) {
  private static final String PAGE = "page";
  private static final int MAX_PAGE = 1_000_000;

  /** Selects everything. */
  ListForm(String path, List<String> fields) {
    this(path, fields, Map.of());
  }

  private Stream<String> all() {
    return Stream.concat(fields.stream(), Stream.of(PAGE));
  }

  /** The form of a request, without unknown parameters. */
  ListForm of(Request request) {
    Map<String, String> sent = new LinkedHashMap<>();
    all()
        .forEach(
            field ->
                request
                    .parameter(field)
                    .map(String::strip)
                    .filter(value -> !value.isEmpty())
                    .ifPresent(value -> sent.put(field, value)));
    return new ListForm(path, fields, sent);
  }

  /** This form with another value; an empty value removes the field. Returns to the first page. */
  ListForm with(String field, String value) {
    Map<String, String> changed = new LinkedHashMap<>(values);
    changed.remove(PAGE);
    changed.put(field, value);
    changed.values().remove("");
    return new ListForm(path, fields, changed);
  }

  /** This form with another page, counted from 1. */
  ListForm onPage(long page) {
    return with(PAGE, page > 1 ? Long.toString(page) : "");
  }

  /** The value of a field; empty for none. */
  String value(String field) {
    return values.getOrDefault(field, "");
  }

  /** Whether one of these fields is set. */
  boolean has(List<String> some) {
    return some.stream().anyMatch(values::containsKey);
  }

  /** The address of the list. */
  String link() {
    return link(path);
  }

  /** The address of another path with the same parameters. */
  String link(String other) {
    String query =
        all()
            .filter(values::containsKey)
            .map(field -> field + "=" + PageText.encoded(value(field)))
            .collect(Collectors.joining("&"));
    return query.isEmpty() ? other : other + "?" + query;
  }

  /** The number of the page, counted from 1. */
  int page(Map<String, String> problems) {
    return number(PAGE, 1, MAX_PAGE, problems);
  }

  /** The number in a field; without a valid one, the other number. */
  int number(String field, int none, int most, Map<String, String> problems) {
    return read(
        field,
        none,
        Integer.MAX_VALUE,
        text ->
            Optional.of(text)
                .filter(digits -> digits.matches("[0-9]{1,9}"))
                .map(Integer::valueOf)
                .filter(number -> number >= 1 && number <= most)
                .orElseThrow(
                    () ->
                        new IllegalArgumentException("a number from 1 to " + most + " is allowed")),
        problems);
  }

  /**
   * The meaning of a field; if it is empty or has a problem, the other meaning.
   *
   * @param longest the most characters
   * @param meaning refuses a text with the problem
   * @param problems gets the problem, in one line
   */
  <T> T read(
      String field,
      T none,
      int longest,
      Function<String, T> meaning,
      Map<String, String> problems) {
    String text = value(field);
    if (text.length() > longest) {
      problems.put(field, "no more than " + longest + " characters are allowed");
    } else if (!text.isEmpty()) {
      try {
        return meaning.apply(text);
      } catch (IllegalArgumentException wrong) {
        problems.put(field, String.valueOf(wrong.getMessage()));
      }
    }
    return none;
  }
}
