package org.tlsuplift.server.config.yaml;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A mapping of the YAML, read key by key. Problems are collected, and reading continues.
 *
 * <p>A missing or invalid key has the value of the defaults, if they have the key. A key is known
 * after it was read: {@link #end} reports all others.
 */
public final class Section {
  private final Problems problems;
  private final String path;
  private final YamlNode node;
  private final YamlNode defaults;
  private final Value self;
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
    this.self = new Value(problems, path, node);
    if (!node.isMapping() && !node.isNothing()) {
      self.wrong("a section with keys", "");
    }
  }

  String path() {
    return path;
  }

  String path(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  /** The value of a key, which is then among the known ones. */
  Value ask(String key) {
    asked.add(key);
    return at(key);
  }

  YamlNode defaults(String key) {
    return defaults.get(key);
  }

  public boolean has(String key) {
    return node.has(key);
  }

  public boolean isMapping(String key) {
    return node.get(key).isMapping();
  }

  /** Whether a key has no error so far. */
  public boolean clean(String key) {
    return problems.clean(path(key));
  }

  /** The parsed text; empty if the key is missing or invalid and has no default. */
  public <T> Optional<T> value(String key, String expected, Function<String, T> meaning) {
    asked.add(key);
    Optional<T> read = has(key) ? at(key).read(expected, meaning) : Optional.empty();
    return read.or(() -> defaultOf(key, meaning));
  }

  private <T> Optional<T> defaultOf(String key, Function<String, T> meaning) {
    YamlNode value = defaults.get(key);
    return value.isText() ? Optional.of(meaning.apply(value.text())) : Optional.empty();
  }

  /**
   * As {@link #value}, for a text that may contain a secret by mistake; messages contain {@code
   * shown} of it.
   */
  public <T> Optional<T> guarded(
      String key, String expected, Function<String, T> meaning, UnaryOperator<String> shown) {
    asked.add(key);
    if (!has(key)) {
      return defaultOf(key, meaning);
    }
    YamlNode value = node.get(key);
    String hint = "";
    if (value.isText() && !value.isNothing()) {
      try {
        return Optional.of(meaning.apply(value.text()));
      } catch (IllegalArgumentException refusal) {
        hint = String.valueOf(refusal.getMessage());
      }
    }
    String got = value.isText() ? shown.apply(value.text()) : "something other than text";
    problems.error(path(key), Problems.got(got), expected, hint);
    return defaultOf(key, meaning);
  }

  /** As above, for a required key. */
  public <T> Optional<T> required(String key, String expected, Function<String, T> meaning) {
    if (!has(key)) {
      missing(key, expected, "");
    }
    return value(key, expected, meaning);
  }

  /** One of several words; empty if the key is missing or invalid and has no default. */
  public <T> Optional<T> word(String key, Words<T> words) {
    return value(
        key,
        words.expected(),
        text -> {
          T found = words.known().get(text);
          if (found == null) {
            throw new IllegalArgumentException(words.hint(text));
          }
          return found;
        });
  }

  /** The same if some of the words are true and false, which YAML reads as flags. */
  public <T> Optional<T> flagOrWord(String key, Words<T> words) {
    asked.add(key);
    YamlNode value = node.get(key);
    return value.isFlag() ? Optional.ofNullable(words.known().get(value.text())) : word(key, words);
  }

  /** As above, for a required key. */
  public <T> Optional<T> requiredWord(String key, Words<T> words) {
    if (!has(key)) {
      missing(key, words.expected(), "");
    }
    return word(key, words);
  }

  /** A number; the defaults must have the key. */
  public int integer(String key, int min, int max) {
    return integer(key, defaults.get(key).integer().orElseThrow(), min, max);
  }

  public int integer(String key, int fallback, int min, int max) {
    asked.add(key);
    YamlNode value = node.get(key);
    if (value.isMissing()) {
      return fallback;
    }
    OptionalInt number = value.integer();
    if (number.isEmpty() || number.getAsInt() < min || number.getAsInt() > max) {
      at(key).wrong("a number from " + min + " to " + max, "");
      return fallback;
    }
    return number.getAsInt();
  }

  /** False if neither the mapping nor the defaults have the key. */
  public boolean flag(String key) {
    asked.add(key);
    YamlNode value = node.get(key);
    if (!value.isMissing() && !value.isFlag()) {
      at(key)
          .wrong(
              "true, false",
              switch (value.text().trim().toLowerCase(Locale.ROOT)) {
                case "yes", "on", "y" -> "write true";
                case "no", "off", "n" -> "write false";
                default -> "";
              });
    }
    return switch (value.text().trim()) {
      case "true" -> true;
      case "false" -> false;
      default -> defaults.get(key).text().equals("true");
    };
  }

  /** The defaults must have the key. */
  public Duration duration(String key, Duration min, Duration max) {
    return duration(key, Durations.parse(defaults.get(key).text()).orElseThrow(), min, max);
  }

  public Duration duration(String key, Duration fallback, Duration min, Duration max) {
    String expected =
        "a time from "
            + Durations.format(min)
            + " to "
            + Durations.format(max)
            + ", such as 500ms, 10s, 10m, 2h or 30d";
    return value(
            key,
            expected,
            text ->
                Durations.parse(text)
                    .filter(time -> time.compareTo(min) >= 0 && time.compareTo(max) <= 0)
                    .orElseThrow(() -> new IllegalArgumentException("")))
        .orElse(fallback);
  }

  /** The parsed texts of a list; empty if neither the mapping nor the defaults have the key. */
  public <T> List<T> list(String key, String expected, Function<String, T> meaning) {
    List<T> meant = new ArrayList<>();
    for (Value item : items(key, expected)) {
      item.read(expected, meaning).ifPresent(meant::add);
    }
    return meant;
  }

  private List<Value> items(String key, String expected) {
    asked.add(key);
    YamlNode list = has(key) ? node.get(key) : defaults.get(key);
    return list.isMissing() ? List.of() : new Value(problems, path(key), list).items(expected);
  }

  /** As {@link #list}; a single text is a list of one. */
  public <T> List<T> oneOrMore(String key, String expected, Function<String, T> meaning) {
    return node.get(key).isList()
        ? list(key, expected, meaning)
        : value(key, expected, meaning).map(List::of).orElse(List.of());
  }

  /** The texts of a mapping with parsed keys; empty if the key is missing. */
  public <K> Map<K, String> texts(
      String key, String expected, Function<String, K> meaning, Function<String, String> value) {
    asked.add(key);
    return has(key) ? at(key).texts(expected, meaning, value) : Map.of();
  }

  /** The section of a key; without keys if it is missing. */
  public Section section(String key) {
    asked.add(key);
    return new Section(problems, path(key), node.get(key), defaults.get(key));
  }

  /** The mappings of a list; empty if neither the mapping nor the defaults have the key. */
  public List<Section> sections(String key) {
    return items(key, "entries that start with '- '").stream()
        .map(item -> new Section(problems, item.at(), item.node()))
        .toList();
  }

  /** Whether the key has an empty list, where that is allowed. */
  public boolean emptyList(String key) {
    asked.add(key);
    return node.get(key).isList() && node.get(key).items().isEmpty();
  }

  /** Lists a key among the known ones, although it is not read. */
  public void allow(String key) {
    asked.add(key);
  }

  public void missing(String key, String expected, String hint) {
    // A value that is not a section is already reported.
    if (node.isMapping() || node.isNothing()) {
      problems.error(path(key), "missing", expected, hint);
    }
  }

  /** Reports a key that has no effect here. */
  public void refuse(String key, String why) {
    refused.add(key);
    if (has(key)) {
      problems.error(path(key), "the key has no effect here", "", why);
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
        // Without the value, which may be a secret under a wrong name.
        problems.error(
            path(key), "unknown key", String.join(", ", usable), Spelling.hint(key, usable));
      }
    }
  }

  private Value at(String key) {
    return new Value(problems, path(key), node.get(key));
  }
}
