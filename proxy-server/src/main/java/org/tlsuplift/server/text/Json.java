package org.tlsuplift.server.text;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import java.io.IOException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Writes records as JSON (RFC 8259) in ASCII, components in their order.
 *
 * <p>Null components are omitted. Enum constants are in lower case, instants and dates in ISO 8601.
 * Writers are immutable, and leave the target open.
 */
public final class Json {
  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
                  .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
                  .build())
          .disable(SerializationFeature.FLUSH_AFTER_WRITE_VALUE)
          .defaultPropertyInclusion(JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, null))
          .addModule(
              new SimpleModule()
                  .addSerializer(Instant.class, ToStringSerializer.instance)
                  .addSerializer(LocalDate.class, ToStringSerializer.instance)
                  .addSerializer(Enum.class, new EnumValues())
                  .addKeySerializer(Enum.class, new EnumKeys()))
          .build();

  /** On one line. */
  public static final ObjectWriter LINE = MAPPER.writer();

  /** A component on each line, indented. */
  public static final ObjectWriter INDENTED = MAPPER.writerWithDefaultPrettyPrinter();

  private Json() {}

  /** Escapes for these ASCII characters too, which JSON itself allows in texts. */
  public static CharacterEscapes escaping(String characters) {
    return new Escapes(characters);
  }

  private static final class EnumValues extends JsonSerializer<Object> {
    @Override
    public void serialize(Object constant, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeString(word(constant));
    }
  }

  private static final class EnumKeys extends JsonSerializer<Object> {
    @Override
    public void serialize(Object constant, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeFieldName(word(constant));
    }
  }

  private static String word(Object constant) {
    return ((Enum<?>) constant).name().toLowerCase(Locale.ROOT);
  }

  private static final class Escapes extends CharacterEscapes {
    private static final long serialVersionUID = 1L;

    private final int[] codes = standardAsciiEscapesForJSON();

    Escapes(String characters) {
      characters.chars().forEach(c -> codes[c] = ESCAPE_STANDARD);
    }

    @Override
    public int[] getEscapeCodesForAscii() {
      return codes.clone();
    }

    @Override
    public @Nullable SerializableString getEscapeSequence(int character) {
      return null;
    }
  }
}
