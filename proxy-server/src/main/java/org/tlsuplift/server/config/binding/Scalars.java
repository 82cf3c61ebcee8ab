package org.tlsuplift.server.config.binding;

import java.math.BigInteger;
import java.util.Locale;
import org.tlsuplift.server.config.binding.YamlNode.Kind;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.nodes.NodeId;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * Decides what a scalar is, by the rules of YAML 1.1. Times such as {@code 10:30} stay text, which
 * those rules read as numbers to base 60, and so do {@code yes} and {@code no}.
 */
final class Scalars {
  private static final int MAX_DIGITS = 1000;
  private static final Resolver RESOLVER = new Resolver();

  private Scalars() {}

  /**
   * Reads a scalar.
   *
   * @throws NumberFormatException if it is tagged as a number or looks like one, but is none
   */
  static YamlNode read(ScalarEvent scalar) {
    String value = scalar.getValue();
    return switch (value.isEmpty() ? "str" : type(scalar)) {
      case "int" -> integer(value);
      case "float" -> decimal(value);
      case "bool" -> flag(value);
      case "null" -> YamlNode.NULL;
      case "binary" -> YamlNode.scalar(Kind.OTHER, value);
      default -> text(value);
    };
  }

  static YamlNode text(String value) {
    return YamlNode.scalar(Kind.TEXT, value);
  }

  /** The end of the written tag, or of the one that the form of the value implies. */
  private static String type(ScalarEvent scalar) {
    String tag = scalar.getTag();
    if (tag == null || tag.equals("!")) {
      boolean plain = scalar.getImplicit().canOmitTagInPlainScalar();
      tag = RESOLVER.resolve(NodeId.scalar, scalar.getValue(), plain).getValue();
    }
    return tag.startsWith(Tag.PREFIX) ? tag.substring(Tag.PREFIX.length()) : tag;
  }

  /**
   * As in YAML 1.2, and for editors with the JSON schema, {@code yes}, {@code no}, and so on are
   * text.
   */
  private static YamlNode flag(String value) {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "true" -> YamlNode.scalar(Kind.FLAG, "true");
      case "false" -> YamlNode.scalar(Kind.FLAG, "false");
      default -> text(value);
    };
  }

  private static YamlNode integer(String value) {
    boolean signed = value.startsWith("-") || value.startsWith("+");
    String sign = value.startsWith("-") ? "-" : "";
    String digits = value.substring(signed ? 1 : 0).replace("_", "").toLowerCase(Locale.ROOT);
    if (digits.length() > MAX_DIGITS) {
      throw new NumberFormatException("too long");
    }
    if (digits.startsWith("0x")) {
      return integer(sign + digits.substring(2), 16);
    }
    if (digits.startsWith("0b")) {
      return integer(sign + digits.substring(2), 2);
    }
    if (!digits.chars().allMatch(each -> each >= '0' && each <= '9')) {
      return text(value);
    }
    return integer(sign + digits, digits.startsWith("0") ? 8 : 10);
  }

  private static YamlNode integer(String digits, int base) {
    return YamlNode.scalar(Kind.INTEGER, new BigInteger(digits, base).toString());
  }

  private static YamlNode decimal(String value) {
    double number = Double.parseDouble(value.replace("_", ""));
    return YamlNode.scalar(Kind.OTHER, Double.toString(number));
  }
}
