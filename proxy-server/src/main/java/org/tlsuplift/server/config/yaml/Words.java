package org.tlsuplift.server.config.yaml;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.tlsuplift.proxy.model.Labelled;

/**
 * The words that a key accepts, and words that it refuses for a reason.
 *
 * @param known in the order of messages, with their values
 * @param refused with the reasons
 */
public record Words<T>(Map<String, T> known, Map<String, String> refused) {
  public static <T extends Labelled> Words<T> of(T[] values) {
    return of(List.of(values), Labelled::label);
  }

  public static <T> Words<T> of(List<T> values, Function<T, String> label) {
    Map<String, T> known = new LinkedHashMap<>();
    values.forEach(value -> known.put(label.apply(value), value));
    return new Words<>(Collections.unmodifiableMap(known), Map.of());
  }

  /** Also refuses these words for a reason. */
  public Words<T> refusing(String why, String... words) {
    Map<String, String> more = new LinkedHashMap<>(refused);
    for (String word : words) {
      more.put(word, why);
    }
    return new Words<>(known, Collections.unmodifiableMap(more));
  }

  String expected() {
    return String.join(", ", known.keySet());
  }

  /** The hint for an unknown word. */
  String hint(String word) {
    String why = refused.get(word);
    return why == null ? Spelling.hint(word, known.keySet()) : why;
  }
}
