package org.tlsuplift.server.microsoft365;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;

/**
 * The fields of a JSON object. A value is a text, a list, fields, or null for a null; numbers, true
 * and false are texts too.
 *
 * <p>The daemon starts with this: a library that binds objects would cost it memory and time.
 */
record JsonFields(Map<String, @Nullable Object> values) {
  private static final JsonFactory JSON = new JsonFactory();

  /** Reads an object. */
  static JsonFields of(String json) throws OperatorException {
    return object(whole(json));
  }

  /** Reads a list of objects; an object alone is a list of one. */
  static List<JsonFields> allOf(String json) throws OperatorException {
    return objects(whole(json));
  }

  /** The objects in a field; a missing field is an empty list. */
  List<JsonFields> objects(String name) throws OperatorException {
    return objects(values.get(name));
  }

  /** The texts in a field; a text alone is a list of one, and a missing field is an empty list. */
  List<@Nullable String> texts(String name) throws OperatorException {
    List<@Nullable String> texts = new ArrayList<>();
    for (Object item : list(values.get(name))) {
      texts.add(text(item));
    }
    return texts;
  }

  /** A field's text; null if it is missing. */
  @Nullable String text(String name) throws OperatorException {
    return text(values.get(name));
  }

  /** A field's whole number; null if it is missing. */
  @Nullable Integer integer(String name) throws OperatorException {
    String word = word(name);
    try {
      return word.isEmpty() ? null : new BigDecimal(word).intValueExact();
    } catch (ArithmeticException | NumberFormatException none) {
      throw unexpected("");
    }
  }

  /** Whether a field is true. A text or a number may mean it. */
  boolean flag(String name) throws OperatorException {
    return switch (word(name)) {
      case "true", "True", "TRUE", "1" -> true;
      case "false", "False", "FALSE", "0", "" -> false;
      default -> throw unexpected("");
    };
  }

  private String word(String name) throws OperatorException {
    String text = text(name);
    return text == null || text.trim().equals("null") ? "" : text.trim();
  }

  private static List<JsonFields> objects(@Nullable Object value) throws OperatorException {
    List<JsonFields> objects = new ArrayList<>();
    for (Object item : list(value)) {
      objects.add(object(item));
    }
    return objects;
  }

  /** A null is an object without fields. */
  private static JsonFields object(@Nullable Object value) throws OperatorException {
    if (value instanceof JsonFields fields) {
      return fields;
    }
    if (value != null) {
      throw unexpected("");
    }
    return new JsonFields(Map.of());
  }

  private static @Nullable String text(@Nullable Object value) throws OperatorException {
    if (value instanceof List || value instanceof JsonFields) {
      throw unexpected("");
    }
    return (String) value;
  }

  private static List<?> list(@Nullable Object value) {
    if (value instanceof List<?> list) {
      return list;
    }
    return value == null ? List.of() : List.of(value);
  }

  private static Object whole(String json) throws OperatorException {
    try (JsonParser in = JSON.createParser(json)) {
      if (in.nextToken() == null) {
        throw new JsonParseException(in, "empty");
      }
      Object read = value(in);
      if (in.nextToken() != null) {
        throw new JsonParseException(in, "a second value");
      }
      if (read == null) {
        throw new OperatorException("it is empty");
      }
      return read;
    } catch (JsonProcessingException wrong) {
      JsonLocation at = wrong.getLocation();
      // The message would quote the content.
      throw unexpected(
          at == null ? "" : " (line %d, column %d)".formatted(at.getLineNr(), at.getColumnNr()));
    } catch (IOException impossible) {
      throw new IllegalStateException("reading from memory", impossible);
    }
  }

  /** Reads the current value, and leaves the parser at its last token. */
  private static @Nullable Object value(JsonParser in) throws IOException {
    return switch (in.currentToken()) {
      case VALUE_NULL -> null;
      case START_ARRAY -> {
        List<@Nullable Object> list = new ArrayList<>();
        while (in.nextToken() != JsonToken.END_ARRAY) {
          list.add(value(in));
        }
        yield list;
      }
      case START_OBJECT -> {
        Map<String, @Nullable Object> fields = new HashMap<>();
        for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
          in.nextToken();
          fields.put(name, value(in));
        }
        yield new JsonFields(fields);
      }
      default -> in.getText();
    };
  }

  private static OperatorException unexpected(String place) {
    return new OperatorException("it is not the expected JSON" + place);
  }
}
