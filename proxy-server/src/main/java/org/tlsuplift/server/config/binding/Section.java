package org.tlsuplift.server.config.binding;

import java.util.LinkedHashSet;
import java.util.Set;

/**
 * A mapping of the YAML, for the {@link Binder} and for rules over several keys.
 *
 * <p>The methods accept the path of a key, such as {@code users[1].name}.
 */
public final class Section {
  private final Problems problems;
  private final String path;
  private final YamlNode node;
  private final YamlNode defaults;
  private final Set<String> asked = new LinkedHashSet<>();
  private final Set<String> refused = new LinkedHashSet<>();

  public Section(Problems problems, String path, YamlNode node) {
    this(problems, path, node, YamlNode.MISSING);
  }

  /**
   * @param defaults a valid mapping of the same kind
   */
  public Section(Problems problems, String path, YamlNode node, YamlNode defaults) {
    this.problems = problems;
    this.path = path;
    this.node = node;
    this.defaults = defaults;
    if (!node.isMapping() && !node.isNothing()) {
      new Value(problems, path, node).wrong("a section with keys", "");
    }
  }

  private Value at(String key) {
    return at(key, key);
  }

  private Value at(String key, String shown) {
    return new Value(problems, path.isEmpty() ? shown : path + "." + shown, node.find(key));
  }

  /** The value of a key, which is then among the known ones. */
  Value ask(String key) {
    asked.add(key);
    return at(key);
  }

  YamlNode defaults(String key) {
    return defaults.get(key);
  }

  /** Whether a key is written. */
  public boolean has(String key) {
    return !node.find(key).isMissing();
  }

  /** Whether a key has this text. */
  public boolean has(String key, String text) {
    return node.find(key).text().equals(text);
  }

  /** Whether neither a key nor one below it has an error so far. */
  public boolean clean(String key) {
    return problems.clean(at(key).at());
  }

  public void missing(String key, String expected, String hint) {
    int dot = key.lastIndexOf('.');
    YamlNode owner = dot < 0 ? node : node.find(key.substring(0, dot));
    // A value that is not a section is already reported.
    if (owner.isMapping() || owner.isNothing()) {
      problems.error(at(key).at(), "missing", expected, hint);
    }
  }

  /** Reports a key that has no effect here, instead of the problems of its value. */
  public void refuse(String key, String why) {
    refused.add(key);
    if (has(key)) {
      String at = at(key).at();
      problems.forget(at);
      problems.error(at, "the key has no effect here", "", why);
    }
  }

  /** Reports a value that conflicts with another key. */
  public void contradiction(String key, String expected, String hint) {
    at(key).wrong(expected, hint);
  }

  /** Reports the keys that were not read. */
  public void end() {
    Set<String> usable = new LinkedHashSet<>(asked);
    usable.removeAll(refused);
    for (String key : node.entries().keySet()) {
      if (!asked.contains(key) && !refused.contains(key)) {
        String name = key.substring(0, Math.max(0, key.indexOf(':')));
        // Without the value, which may be a secret under a wrong name or without a blank before it.
        problems.error(
            at(key, name.isEmpty() ? key : name + ":...").at(),
            "unknown key",
            String.join(", ", usable),
            usable.contains(name)
                ? "put a blank after '" + name + ":'"
                : Spelling.hint(key, usable));
      }
    }
  }
}
