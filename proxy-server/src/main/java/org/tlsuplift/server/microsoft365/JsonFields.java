package org.tlsuplift.server.microsoft365;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON token by token: the daemon starts with this, and a library that binds objects would
 * cost it memory and time. Each method reads the current value, and leaves the parser at its last
 * token.
 */
final class JsonFields {
  private static final JsonFactory JSON = new JsonFactory();

  private JsonFields() {}

  interface Reading<T> {
    @Nullable T read(JsonParser in) throws IOException;
  }

  /** Reads a whole text. */
  static <T> T whole(String json, Reading<T> reading) throws UnusableListException {
    try (JsonParser in = JSON.createParser(json)) {
      if (in.nextToken() == null) {
        throw unexpected(in);
      }
      T read = isNull(in) ? null : reading.read(in);
      if (in.nextToken() != null) {
        throw unexpected(in);
      }
      if (read == null) {
        throw new UnusableListException("it is empty");
      }
      return read;
    } catch (JsonProcessingException wrong) {
      JsonLocation at = wrong.getLocation();
      // The message would quote the content.
      throw new UnusableListException(
          "it is not the expected JSON"
              + (at == null
                  ? ""
                  : " (line %d, column %d)".formatted(at.getLineNr(), at.getColumnNr())));
    } catch (IOException impossible) {
      throw new IllegalStateException("reading from memory", impossible);
    }
  }

  /** The values of an array; a value alone is an array of one. */
  static <T> List<@Nullable T> list(JsonParser in, Reading<T> item) throws IOException {
    List<@Nullable T> read = new ArrayList<>();
    if (!in.isExpectedStartArrayToken()) {
      read.add(item.read(in));
      return read;
    }
    while (in.nextToken() != JsonToken.END_ARRAY) {
      read.add(item.read(in));
    }
    return read;
  }

  /** The texts of an object that have these names; others are skipped. Null for a null. */
  static @Nullable Map<String, @Nullable String> texts(JsonParser in, Set<String> names)
      throws IOException {
    if (isNull(in)) {
      return null;
    }
    Map<String, @Nullable String> read = new HashMap<>();
    for (String name = firstName(in); name != null; name = in.nextFieldName()) {
      in.nextToken();
      if (names.contains(name)) {
        read.put(name, text(in));
      } else {
        in.skipChildren();
      }
    }
    return read;
  }

  /** Begins an object. The others of its names are {@link JsonParser#nextFieldName}. */
  static @Nullable String firstName(JsonParser in) throws IOException {
    if (!in.isExpectedStartObjectToken()) {
      throw unexpected(in);
    }
    return in.nextFieldName();
  }

  static boolean isNull(JsonParser in) {
    return in.currentToken() == JsonToken.VALUE_NULL;
  }

  /** A number, true or false are texts too. */
  static @Nullable String text(JsonParser in) throws IOException {
    if (!in.currentToken().isScalarValue()) {
      throw unexpected(in);
    }
    return in.getValueAsString();
  }

  /** A text may contain the number. */
  static @Nullable Integer integer(JsonParser in) throws IOException {
    String text = text(in);
    if (in.currentToken().isNumeric()) {
      return in.getIntValue();
    }
    try {
      return text == null || isNothing(text) ? null : Integer.valueOf(text.trim());
    } catch (NumberFormatException none) {
      throw unexpected(in);
    }
  }

  /** A text or a number may mean it. */
  static @Nullable Boolean flag(JsonParser in) throws IOException {
    String text = text(in);
    if (text == null || isNothing(text)) {
      return null;
    }
    if (in.currentToken() == JsonToken.VALUE_NUMBER_INT) {
      return !text.equals("0");
    }
    return switch (text.trim()) {
      case "true", "True", "TRUE" -> true;
      case "false", "False", "FALSE" -> false;
      default -> throw unexpected(in);
    };
  }

  private static boolean isNothing(String text) {
    return text.isBlank() || text.trim().equals("null");
  }

  private static JsonParseException unexpected(JsonParser in) {
    return new JsonParseException(in, "unexpected", in.currentTokenLocation());
  }
}
