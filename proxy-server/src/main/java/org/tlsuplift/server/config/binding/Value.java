package org.tlsuplift.server.config.binding;

import java.util.ArrayList;
import java.util.List;

/**
 * A value of the YAML; reports its errors.
 *
 * @param at the path of its key, empty for the whole
 */
record Value(Problems problems, String at, YamlNode node) {
  List<Value> items() {
    List<Value> items = new ArrayList<>();
    for (YamlNode item : node.items()) {
      items.add(new Value(problems, at + "[" + items.size() + "]", item));
    }
    return items;
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
