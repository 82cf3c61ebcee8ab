package org.tlsuplift.server.config.yaml;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.tlsuplift.proxy.model.Labelled;

/**
 * The words a key may have, and those it may not have for a reason of its own.
 *
 * @param known the words in the order of messages, with their meaning
 * @param refused words that are understood but not allowed, with why
 */
public record Words<T>(Map<String, T> known, Map<String, String> refused) {
  /** The words of an enumeration of ours. */
  public static <T extends Labelled> Words<T> of(T[] values) {
    return of(List.of(values), Labelled::label);
  }

  /** Values under names of their own. */
  public static <T> Words<T> of(List<T> values, Function<T, String> label) {
    Map<String, T> known = new LinkedHashMap<>();
    values.forEach(value -> known.put(label.apply(value), value));
    return new Words<>(Collections.unmodifiableMap(known), Map.of());
  }

  /** The same, with words that are refused for a reason. */
  public Words<T> refusing(String why, String... words) {
    Map<String, String> more = new LinkedHashMap<>(refused);
    for (String word : words) {
      more.put(word, why);
    }
    return new Words<>(known, Collections.unmodifiableMap(more));
  }

  String allowed() {
    return String.join(", ", known.keySet());
  }

  /** What to tell about a word that is not known. */
  String hint(String word) {
    String why = refused.get(word);
    return why == null ? Spelling.hint(word, known.keySet()) : why;
  }
}
