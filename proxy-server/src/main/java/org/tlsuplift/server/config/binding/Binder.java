package org.tlsuplift.server.config.binding;

import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Fills records with the values of a section: a component of a record is a key, and its {@link Key}
 * says which values the key accepts. Problems are collected, and binding continues.
 *
 * <p>A missing or invalid key has its default; without one it has 0, false, an empty list or null.
 */
public final class Binder {
  private static final String ENTRIES = "entries that start with '- '";

  /** Stands for a value with a problem. */
  private static final Object INVALID = new Object();

  private final Map<Class<?>, Shape> shapes = new HashMap<>();

  /** What reflection says about a record. */
  private record Shape(Constructor<?> constructor, List<Setting> settings) {
    static Shape of(Class<?> type) {
      List<Setting> settings = new ArrayList<>();
      List<Class<?>> types = new ArrayList<>();
      for (RecordComponent component : type.getRecordComponents()) {
        settings.add(new Setting(component));
        types.add(component.getType());
      }
      try {
        Constructor<?> constructor = type.getDeclaredConstructor(types.toArray(Class<?>[]::new));
        constructor.setAccessible(true);
        return new Shape(constructor, settings);
      } catch (NoSuchMethodException impossible) {
        throw new IllegalStateException(impossible);
      }
    }

    Object create(@Nullable Object[] values) {
      try {
        return constructor.newInstance(values);
      } catch (ReflectiveOperationException wrong) {
        throw new IllegalStateException(constructor + " failed", wrong);
      }
    }
  }

  private Binder() {}

  /** Binds all keys of a section, and reports those that the record does not have. */
  public static <T> T bind(Section section, Class<T> type) {
    return type.cast(new Binder().section(section, type));
  }

  private Object section(Section section, Class<?> type) {
    List<Checked> checks = new ArrayList<>();
    Object record = record(section, type, false, checks);
    check(checks, section);
    section.end();
    return record;
  }

  private static void check(List<Checked> checks, Section section) {
    for (Checked each : checks) {
      each.check(section);
    }
  }

  /**
   * @param self whether the section stands for the only entry of its own list
   * @param checks gets the rules of the record, and then those of records that are inline
   */
  private Object record(Section section, Class<?> type, boolean self, List<Checked> checks) {
    List<Checked> inline = new ArrayList<>();
    Shape shape = shape(type);
    @Nullable Object[] values = new Object[shape.settings.size()];
    for (int i = 0; i < values.length; i++) {
      Setting setting = shape.settings.get(i);
      if (setting.isInline()) {
        values[i] = record(section, setting.type, self, inline);
      } else {
        values[i] = self && setting.isListed() ? null : value(section, setting);
      }
    }
    Object record = shape.create(values);
    if (record instanceof Checked checked) {
      checks.add(checked);
    }
    checks.addAll(inline);
    return record;
  }

  private Shape shape(Class<?> type) {
    return shapes.computeIfAbsent(type, Shape::of);
  }

  private @Nullable Object value(Section section, Setting setting) {
    Value value = section.ask(setting.name);
    if (setting.isOrSelf()) {
      return orSelf(section, setting, value);
    }
    if (value.node().isMissing()) {
      if (setting.isRequired()) {
        section.missing(setting.name, setting.expected(), setting.key.remedy());
      }
      return absent(section, setting);
    }
    Object read = read(value, setting, section.defaults(setting.name));
    return read == INVALID ? absent(section, setting) : read;
  }

  /** The default of the built-in configuration, or else that of the annotation. */
  private @Nullable Object absent(Section section, Setting setting) {
    YamlNode given = setting.isRequired() ? YamlNode.MISSING : section.defaults(setting.name);
    if (given.isMissing()) {
      given = setting.fallback();
    }
    return given.isMissing()
        ? setting.none()
        : read(new Value(new Problems(), setting.name, given), setting, YamlNode.MISSING);
  }

  /** The entries of a list, or the section itself as the only one, or none. */
  private Object orSelf(Section section, Setting setting, Value list) {
    if (!list.node().isMissing()) {
      for (String key : ownKeys(setting)) {
        String name = setting.name;
        section.refuse(key, "'" + name + "' is set too; move the key to one of the " + name);
      }
      return items(list, setting);
    }
    boolean isSelf = false;
    for (String key : ownKeys(setting)) {
      isSelf |= section.has(key);
      section.ask(key);
    }
    if (!isSelf) {
      return List.of();
    }
    List<Checked> checks = new ArrayList<>();
    Object self = record(section, setting.type, true, checks);
    check(checks, section);
    return List.of(self);
  }

  private List<String> ownKeys(Setting entries) {
    List<String> keys = new ArrayList<>();
    for (Setting setting : shape(entries.type).settings) {
      if (!setting.isListed()) {
        keys.add(setting.name);
      }
    }
    return keys;
  }

  private @Nullable Object read(Value value, Setting setting, YamlNode defaults) {
    if (setting.isCollection()) {
      return setting.collection(items(value, setting));
    }
    return setting.isMap() ? entries(value, setting) : one(value, setting, defaults);
  }

  private Map<Object, Object> entries(Value value, Setting setting) {
    if (!value.node().isMapping()) {
      value.wrong(setting.expected(), "");
    }
    Form<?> keys = Setting.form(setting.key.keys());
    Map<Object, Object> entries = new LinkedHashMap<>();
    value
        .node()
        .entries()
        .forEach(
            (key, node) -> {
              Value entry = new Value(value.problems(), value.at() + "." + key, node);
              try {
                Object meant = Objects.requireNonNull(keys.parse(key));
                Object read = text(entry, setting);
                if (read != null && read != INVALID) {
                  entries.put(meant, read);
                }
              } catch (IllegalArgumentException refusal) {
                value
                    .problems()
                    .error(
                        entry.at(),
                        Problems.got(key),
                        setting.expected(),
                        String.valueOf(refusal.getMessage()));
              }
            });
    return entries;
  }

  private List<Object> items(Value value, Setting setting) {
    List<Object> items = new ArrayList<>();
    if (setting.key.empty() && value.node().isList() && value.node().items().isEmpty()) {
      return items;
    }
    boolean isSingle = setting.isSingle() && !value.node().isList();
    boolean ofSections = setting.section(YamlNode.MISSING) != null;
    if (!isSingle && value.node().items().isEmpty()) {
      value.wrong(
          "a list of at least one entry: " + (ofSections ? ENTRIES : setting.expected()),
          value.node().isNothing() || !value.node().isScalar()
              ? ""
              : "write a list: put [ ] around it");
    }
    for (Value item : isSingle ? List.of(value) : value.items()) {
      Object read = one(item, setting, YamlNode.MISSING);
      if (read != null && read != INVALID) {
        items.add(read);
      }
    }
    return items;
  }

  private @Nullable Object one(Value value, Setting setting, YamlNode defaults) {
    Class<?> record = setting.section(value.node());
    if (record != null) {
      return section(new Section(value.problems(), value.at(), value.node(), defaults), record);
    }
    if (setting.isNumber()) {
      return number(value, setting);
    }
    if (setting.isFlag()) {
      return flag(value, setting);
    }
    return setting.isSecret() ? secret(value, setting) : text(value, setting);
  }

  private static Object number(Value value, Setting setting) {
    int number = value.node().integer().orElse(Integer.MIN_VALUE);
    if (number < Integer.parseInt(setting.key.min())
        || number > Integer.parseInt(setting.key.max())) {
      value.wrong(setting.expected(), "");
      return INVALID;
    }
    return number;
  }

  private static Object flag(Value value, Setting setting) {
    String text = value.node().text().trim();
    if (!value.node().isFlag()) {
      value.wrong(
          setting.expected(),
          switch (text.toLowerCase(Locale.ROOT)) {
            case "yes", "on", "y" -> "write true";
            case "no", "off", "n" -> "write false";
            default -> "";
          });
    }
    if (!text.equals("true") && !text.equals("false")) {
      return INVALID;
    }
    return text.equals("true");
  }

  private static @Nullable Object text(Value value, Setting setting) {
    YamlNode node = value.node();
    if (!node.isScalar() || node.isNothing()) {
      value.wrong(setting.expected(), "");
      return INVALID;
    }
    try {
      Object meant = setting.parse(node.text());
      if (node.isText() || (node.isFlag() && setting.type.isEnum())) {
        return meant;
      }
      value.wrong(setting.expected(), "put it in quotes");
    } catch (IllegalArgumentException refusal) {
      String why = refusal.getMessage();
      value.wrong(setting.expected(), why == null ? "" : why);
    }
    return INVALID;
  }

  /** The value may be a password by mistake, so no message contains it. */
  private static @Nullable Object secret(Value value, Setting setting) {
    YamlNode node = value.node();
    String hint = "";
    if (node.isText() && !node.isNothing()) {
      try {
        return setting.parse(node.text());
      } catch (IllegalArgumentException refusal) {
        hint = String.valueOf(refusal.getMessage());
      }
    }
    String shown = node.isText() ? setting.form().shown(node.text()) : null;
    value
        .problems()
        .error(
            value.at(),
            Problems.got(shown == null ? "something other than text" : shown),
            setting.expected(),
            hint);
    return INVALID;
  }
}
