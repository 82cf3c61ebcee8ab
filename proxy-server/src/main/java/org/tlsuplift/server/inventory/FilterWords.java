package org.tlsuplift.server.inventory;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.tlsuplift.proxy.model.Labelled;

/**
 * Reads the words that select devices or messages: an option of a command, a parameter of a
 * request, or a field of a form.
 */
public final class FilterWords {
  private static final int MAX_SHOWN = 80;

  private FilterWords() {}

  /**
   * The value with this label.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static <T extends Labelled> T parse(T[] values, String word) {
    return known(values)
        .filter(value -> value.label().equals(word))
        .findFirst()
        .orElseThrow(() -> wrong(word, labels(values)));
  }

  /**
   * The values with these labels, which commas separate.
   *
   * @throws IllegalArgumentException if there is none for a label
   */
  public static <T extends Labelled> Set<T> parseAll(T[] values, String words) {
    Set<T> wanted = new LinkedHashSet<>();
    for (String word : words.split(",", -1)) {
      wanted.add(parse(values, word));
    }
    return wanted;
  }

  /** Without the value for a label of another version, which selects nothing. */
  private static <T extends Labelled> Stream<T> known(T[] values) {
    return Arrays.stream(values).filter(value -> !value.label().equals("unknown"));
  }

  static String labels(Labelled[] values) {
    return known(values).map(Labelled::label).collect(Collectors.joining(", "));
  }

  /** The failure for a wrong value. Its message follows the name of the option or parameter. */
  public static IllegalArgumentException wrong(String got, String expected) {
    String shown = got.length() > MAX_SHOWN ? got.substring(0, MAX_SHOWN) + "..." : got;
    return new IllegalArgumentException(
        "got '" + shown.replaceAll("\\p{Cntrl}", "?") + "'; expected " + expected);
  }
}
