package org.tlsuplift.server.config.yaml;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * A value of the YAML; reports its errors.
 *
 * @param at the path of its key, empty for the whole
 */
record Value(Problems problems, String at, YamlNode node) {
  /** The parsed text; empty if invalid. */
  <T> Optional<T> read(String expected, Function<String, T> meaning) {
    if (!node.isScalar() || node.isNothing()) {
      wrong(expected, "");
      return Optional.empty();
    }
    try {
      T meant = meaning.apply(node.text());
      if (node.isText()) {
        return Optional.of(meant);
      }
      wrong(expected, "put it in quotes");
    } catch (IllegalArgumentException refusal) {
      String why = refusal.getMessage();
      wrong(expected, why == null ? "" : why);
    }
    return Optional.empty();
  }

  /** The entries of a list, at least one; empty if invalid. */
  List<Value> items(String expected) {
    List<Value> items = new ArrayList<>();
    if (!node.items().isEmpty()) {
      for (YamlNode item : node.items()) {
        items.add(new Value(problems, at + "[" + items.size() + "]", item));
      }
    } else {
      wrong(
          "a list of at least one entry: " + expected,
          node.isNothing() || !node.isScalar() ? "" : "write a list: put [ ] around it");
    }
    return items;
  }

  /** The texts of a mapping with parsed keys, without those that are invalid. */
  <K> Map<K, String> texts(
      String expected, Function<String, K> meaning, Function<String, String> value) {
    if (!node.isMapping()) {
      wrong(expected, "");
    }
    Map<K, String> texts = new LinkedHashMap<>();
    for (Map.Entry<String, YamlNode> each : node.entries().entrySet()) {
      Value text = new Value(problems, at + "." + each.getKey(), each.getValue());
      try {
        K meant = meaning.apply(each.getKey());
        text.read(expected, value).ifPresent(read -> texts.put(meant, read));
      } catch (IllegalArgumentException refusal) {
        problems.error(
            text.at(), Problems.got(each.getKey()), expected, String.valueOf(refusal.getMessage()));
      }
    }
    return texts;
  }

  void wrong(String expected, String hint) {
    problems.error(
        at.isEmpty() ? "the configuration" : at,
        node.isNothing() ? "no value" : Problems.got(node.isScalar() ? node.text() : node),
        expected,
        hint);
  }

  /** Without the value, which may be a misplaced secret. */
  @Override
  public String toString() {
    return "Value[" + at + "]";
  }
}
