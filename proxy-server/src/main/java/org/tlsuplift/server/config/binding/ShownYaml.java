package org.tlsuplift.server.config.binding;

import java.lang.reflect.RecordComponent;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes a valid configuration as YAML for people. Comments are left out, and values that are or
 * may contain secrets are hidden.
 */
public final class ShownYaml {
  private static final String HIDDEN = " (hidden)\n";
  private static final String STEP = "  ";

  private ShownYaml() {}

  /**
   * @param type the record that has the keys
   */
  public static String of(YamlNode root, Class<?> type) {
    return section(root, settings(type), "");
  }

  private static Map<String, Setting> settings(Class<?> type) {
    Map<String, Setting> all = new HashMap<>();
    for (RecordComponent component : type.getRecordComponents()) {
      Setting setting = new Setting(component);
      if (setting.isInline()) {
        all.putAll(settings(setting.type));
      } else {
        all.put(setting.name, setting);
      }
      if (setting.isOrSelf()) {
        settings(setting.type).forEach(all::putIfAbsent);
      }
    }
    return all;
  }

  private static String section(YamlNode node, Map<String, Setting> settings, String indent) {
    StringBuilder yaml = new StringBuilder();
    node.entries()
        .forEach(
            (name, value) ->
                yaml.append(indent)
                    .append(plain(name))
                    .append(':')
                    .append(value(value, settings.get(name), indent)));
    return yaml.toString();
  }

  /**
   * The text after the colon.
   *
   * @param setting null for a key that is not known, whose value may be anything
   */
  private static String value(YamlNode value, @Nullable Setting setting, String indent) {
    if (setting == null || setting.key.secret()) {
      return HIDDEN;
    }
    String deeper = indent + STEP;
    Class<?> section = setting.section(value);
    if (value.isList()) {
      StringBuilder items = new StringBuilder("\n");
      for (YamlNode item : value.items()) {
        String text = value(item, setting, deeper);
        items
            .append(deeper)
            .append('-')
            .append(text.startsWith("\n") ? text.substring(deeper.length() + 2) : text);
      }
      return items.toString();
    }
    if (value.isMapping()) {
      return setting.isMap()
          ? "\n" + section(value, scalars(value, setting), deeper)
          : section == null ? HIDDEN : "\n" + section(value, settings(section), deeper);
    }
    String text = value.text();
    return " " + plain(setting.isSecret() ? setting.form().shown(text) : text) + "\n";
  }

  private static Map<String, Setting> scalars(YamlNode value, Setting setting) {
    Map<String, Setting> all = new HashMap<>();
    value.entries().forEach((name, each) -> all.put(name, setting));
    all.keySet().removeIf(name -> !value.get(name).isScalar());
    return all;
  }

  /** In quotes if YAML would read something else. */
  private static String plain(@Nullable String text) {
    return text != null && text.matches("[A-Za-z0-9/$.][^#:\\p{C}]*|[A-Za-z0-9/$.]\\S*[^\\s:]")
        ? text
        : YamlNode.scalar(YamlNode.Kind.TEXT, String.valueOf(text)).toString();
  }
}
