package org.tlsuplift.server.config.binding;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * A value of the YAML, not yet checked.
 *
 * @param text the value of a scalar; {@code 0x10} is {@code 16}, and {@code yes} is {@code true}
 * @param items of a list
 * @param entries of a mapping, in their order
 */
public record YamlNode(
    Kind kind, String text, List<YamlNode> items, Map<String, YamlNode> entries) {
  static final YamlNode MISSING = scalar(Kind.MISSING, "");
  static final YamlNode NULL = scalar(Kind.NULL, "null");

  enum Kind {
    MISSING,
    NULL,
    TEXT,
    INTEGER,
    /** A number with a fraction, or binary content: no key has such a value. */
    OTHER,
    FLAG,
    LIST,
    MAPPING
  }

  static YamlNode scalar(Kind kind, String text) {
    return new YamlNode(kind, text, List.of(), Map.of());
  }

  static YamlNode list(List<YamlNode> items) {
    return new YamlNode(Kind.LIST, "", items, Map.of());
  }

  static YamlNode mapping(Map<String, YamlNode> entries) {
    return new YamlNode(Kind.MAPPING, "", List.of(), entries);
  }

  boolean isMissing() {
    return kind == Kind.MISSING;
  }

  /** A key without a value reads as an empty text. */
  boolean isNothing() {
    return isMissing() || kind == Kind.NULL || (isText() && text.isBlank());
  }

  boolean isText() {
    return kind == Kind.TEXT;
  }

  boolean isFlag() {
    return kind == Kind.FLAG;
  }

  boolean isScalar() {
    return !isMissing() && !isList() && !isMapping();
  }

  public boolean isList() {
    return kind == Kind.LIST;
  }

  public boolean isMapping() {
    return kind == Kind.MAPPING;
  }

  /** The value of a key; missing if there is none. */
  public YamlNode get(String key) {
    return entries.getOrDefault(key, MISSING);
  }

  /** The value at a path such as {@code users[1].name}; missing if there is none. */
  YamlNode find(String path) {
    int end = path.length();
    for (int i = 0; i < end; i++) {
      char each = path.charAt(i);
      if (each == '.' || each == '[') {
        return get(path.substring(0, i)).in(path.substring(i));
      }
    }
    return get(path);
  }

  /** The value at the rest of a path, such as {@code [1].name} or {@code .name}. */
  private YamlNode in(String rest) {
    if (rest.startsWith(".")) {
      return find(rest.substring(1));
    }
    int close = rest.indexOf(']');
    int index = Integer.parseInt(rest.substring(1, close));
    YamlNode item = index < items.size() ? items.get(index) : MISSING;
    return close == rest.length() - 1 ? item : item.in(rest.substring(close + 1));
  }

  /** A whole number; empty if this is none, or if it is too large. */
  OptionalInt integer() {
    if (kind != Kind.INTEGER) {
      return OptionalInt.empty();
    }
    BigInteger number = new BigInteger(text);
    return number.bitLength() < Integer.SIZE
        ? OptionalInt.of(number.intValue())
        : OptionalInt.empty();
  }

  /** The node as JSON. */
  @Override
  public String toString() {
    StringBuilder json = new StringBuilder();
    write(json);
    return json.toString();
  }

  private void write(StringBuilder json) {
    switch (kind) {
      case TEXT -> quote(text, json);
      case LIST -> {
        json.append('[');
        String comma = "";
        for (YamlNode item : items) {
          json.append(comma);
          item.write(json);
          comma = ",";
        }
        json.append(']');
      }
      case MAPPING -> {
        json.append('{');
        String comma = "";
        for (Map.Entry<String, YamlNode> entry : entries.entrySet()) {
          quote(entry.getKey(), json.append(comma));
          entry.getValue().write(json.append(':'));
          comma = ",";
        }
        json.append('}');
      }
      default -> json.append(text);
    }
  }

  private static void quote(String text, StringBuilder json) {
    json.append('"').append(JsonStringEncoder.getInstance().quoteAsString(text)).append('"');
  }
}
