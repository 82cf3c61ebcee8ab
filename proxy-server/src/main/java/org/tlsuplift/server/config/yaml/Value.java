package org.tlsuplift.server.config.yaml;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * One value of the YAML; what is wrong with it is noted.
 *
 * @param at the path of its key, empty for the whole
 */
record Value(Problems problems, String at, JsonNode node) {
  /** What a text means; empty when it is wrong. */
  <T> Optional<T> read(String allowed, Function<String, T> meaning) {
    if (!node.isValueNode() || isNothing()) {
      wrong(allowed, "");
      return Optional.empty();
    }
    try {
      T meant = meaning.apply(node.asText());
      if (node.isTextual()) {
        return Optional.of(meant);
      }
      wrong(allowed, "put it in quotes");
    } catch (IllegalArgumentException refusal) {
      String why = refusal.getMessage();
      wrong(allowed, why == null ? "" : why);
    }
    return Optional.empty();
  }

  /** The entries of a list, at least one; none when it is wrong. */
  List<Value> items(String allowed) {
    List<Value> items = new ArrayList<>();
    if (node.isArray() && !node.isEmpty()) {
      for (JsonNode item : node) {
        items.add(new Value(problems, at + "[" + items.size() + "]", item));
      }
    } else {
      wrong(
          "a list of at least one entry: " + allowed,
          isNothing() || !node.isValueNode() ? "" : "write it as a list, in [ ]");
    }
    return items;
  }

  void wrong(String allowed, String hint) {
    problems.error(
        at.isEmpty() ? "the configuration" : at,
        isNothing() ? "no value" : Problems.got(node.isValueNode() ? node.asText() : node),
        allowed,
        hint);
  }

  /** A key without a value reads as an empty text. */
  boolean isNothing() {
    return node.isMissingNode()
        || node.isNull()
        || (node.isTextual() && node.textValue().isBlank());
  }

  /** Without what stands there: it may be a secret in a wrong place. */
  @Override
  public String toString() {
    return "Value[" + at + "]";
  }
}
