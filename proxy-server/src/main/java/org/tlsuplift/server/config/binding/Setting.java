package org.tlsuplift.server.config.binding;

import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Labelled;

/** A key of the configuration: a component of a record with its {@link Key}. */
final class Setting {
  private static final Key PLAIN = Plain.class.getRecordComponents()[0].getAnnotation(Key.class);

  private final RecordComponent component;
  final Key key;
  final String name;
  private final String fallback;

  /** The type of the value, of the items of a list or of the values of a mapping. */
  final Class<?> type;

  /** Whether the key has an annotation, whose methods cost more than a field. */
  private final boolean isPlain;

  private @Nullable Form<?> form;

  /** Has the annotation of a component without one. */
  private record Plain(@Key String key) {}

  Setting(RecordComponent component) {
    this.component = component;
    Key written = component.getAnnotation(Key.class);
    isPlain = written == null;
    key = written == null ? PLAIN : written;
    name = isPlain || key.name().isEmpty() ? component.getName() : key.name();
    fallback = isPlain ? "" : key.fallback();
    type = isCollection() || isMap() ? lastArgument() : component.getType();
  }

  private Class<?> lastArgument() {
    Type[] arguments = ((ParameterizedType) component.getGenericType()).getActualTypeArguments();
    return (Class<?>) arguments[arguments.length - 1];
  }

  boolean isInline() {
    return !isPlain && key.inline();
  }

  boolean isRequired() {
    return !isPlain && key.required();
  }

  boolean isSingle() {
    return !isPlain && key.single();
  }

  boolean isListed() {
    return !isPlain && key.listed();
  }

  boolean isOrSelf() {
    return !isPlain && key.orSelf();
  }

  boolean isCollection() {
    return Collection.class.isAssignableFrom(component.getType());
  }

  boolean isMap() {
    return component.getType() == Map.class;
  }

  boolean isFlag() {
    return type == boolean.class || type == Boolean.class;
  }

  boolean isNumber() {
    return type == int.class;
  }

  /** The record of a value that is a section; null if the value is a text. */
  @Nullable Class<?> section(YamlNode value) {
    if (!isPlain && value.isMapping() && key.section() != void.class) {
      return key.section();
    }
    return type.isRecord() && !Forms.has(type) && (isPlain || key.form() == void.class)
        ? type
        : null;
  }

  /** The value of a key that is missing and has no default. */
  @Nullable Object none() {
    if (isCollection()) {
      return collection(List.of());
    }
    if (isMap()) {
      return Map.of();
    }
    if (type == int.class) {
      return 0;
    }
    if (type == long.class) {
      return 0L;
    }
    if (type == boolean.class) {
      return false;
    }
    if (!isRequired()) {
      return null;
    }
    return type == String.class ? "" : type.isEnum() ? type.getEnumConstants()[0] : null;
  }

  /** Items in the type of the component. */
  Collection<?> collection(List<?> items) {
    return component.getType() == Set.class ? Set.copyOf(items) : List.copyOf(items);
  }

  YamlNode fallback() {
    String text = fallback;
    if (text.isEmpty()) {
      return YamlNode.MISSING;
    }
    if (text.equals("{}")) {
      return YamlNode.mapping(Map.of());
    }
    return YamlNode.scalar(
        isNumber() ? YamlNode.Kind.INTEGER : isFlag() ? YamlNode.Kind.FLAG : YamlNode.Kind.TEXT,
        text);
  }

  /** The valid values, in messages. */
  String expected() {
    if (!key.expected().isEmpty()) {
      return key.expected();
    }
    if (type.isEnum()) {
      return String.join(", ", words());
    }
    if (isFlag()) {
      return "true, false";
    }
    if (isNumber()) {
      return "a number from " + key.min() + " to " + key.max();
    }
    if (isTime()) {
      return "a time from %s to %s, such as 500ms, 10s, 10m, 2h or 30d"
          .formatted(key.min(), key.max());
    }
    return Forms.expected(form());
  }

  /** Whether the text may be a secret by mistake. */
  boolean isSecret() {
    return !isPlain && key.form() != void.class && form().shown("") != null;
  }

  private boolean isTime() {
    return type == Duration.class && key.form() == void.class;
  }

  /** The labels of the words that are allowed here. */
  List<String> words() {
    if (key.words().length > 0) {
      return List.of(key.words());
    }
    List<String> words = new ArrayList<>();
    for (Object constant : type.getEnumConstants()) {
      words.add(label(constant));
    }
    return words;
  }

  private static String label(Object constant) {
    return constant instanceof Labelled labelled ? labelled.label() : constant.toString();
  }

  /**
   * The value that a text stands for.
   *
   * @throws IllegalArgumentException with the remedy, which may be empty
   */
  @Nullable Object parse(String text) {
    if (type.isEnum()) {
      return word(text);
    }
    if (isTime()) {
      return time(text);
    }
    return type == long.class ? size(text) : form().parse(text);
  }

  private Object word(String text) {
    List<String> words = words();
    if (words.contains(text)) {
      for (Object constant : type.getEnumConstants()) {
        if (label(constant).equals(text)) {
          return constant;
        }
      }
    }
    for (Key.Refused refused : key.refused()) {
      if (List.of(refused.words()).contains(text)) {
        throw new IllegalArgumentException(refused.why());
      }
    }
    throw new IllegalArgumentException(key.expected().isEmpty() ? Spelling.hint(text, words) : "");
  }

  private Duration time(String text) {
    return Durations.parse(text)
        .filter(this::isAllowed)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    Stream.of("s", "m", "h", "d")
                        .filter(unit -> Durations.parse(text).isEmpty())
                        .map(unit -> text + unit)
                        .filter(
                            likely -> Durations.parse(likely).filter(this::isAllowed).isPresent())
                        .findFirst()
                        .map(likely -> "write a unit, such as '" + likely + "'")
                        .orElse("")));
  }

  private boolean isAllowed(Duration time) {
    return time.compareTo(Durations.parse(key.min()).orElseThrow()) >= 0
        && time.compareTo(Durations.parse(key.max()).orElseThrow()) <= 0;
  }

  private long size(String text) {
    OptionalLong size = Sizes.parse(text);
    if (size.isEmpty()
        || size.getAsLong() < Sizes.parse(key.min()).orElseThrow()
        || size.getAsLong() > Sizes.parse(key.max()).orElseThrow()) {
      throw new IllegalArgumentException("");
    }
    return size.getAsLong();
  }

  /** The form of a text. */
  Form<?> form() {
    if (form == null) {
      form = key.form() == void.class ? Forms.of(type) : form(key.form());
    }
    return form;
  }

  /** Creates the form that an annotation names. */
  static Form<?> form(Class<?> named) {
    try {
      Constructor<?> constructor = named.getDeclaredConstructor();
      constructor.setAccessible(true);
      return (Form<?>) constructor.newInstance();
    } catch (ReflectiveOperationException hidden) {
      throw new IllegalStateException(named + " has no constructor without parameters", hidden);
    }
  }
}
