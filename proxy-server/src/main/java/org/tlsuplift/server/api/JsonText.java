package org.tlsuplift.server.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.IOException;
import java.io.StringWriter;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.web.Answer;

/** Answers in JSON (RFC 8259), in ASCII. */
final class JsonText {
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  private JsonText() {}

  /** Writes values. */
  interface Writing {
    void writeTo(JsonGenerator out) throws IOException;
  }

  static Answer answer(Writing writing) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = JSON.createGenerator(text).useDefaultPrettyPrinter()) {
      writing.writeTo(out);
    }
    return Answer.text(200, DevicesResource.JSON, text + "\n");
  }

  /** A field, unless it is not known. */
  static void known(JsonGenerator out, String key, @Nullable String value) throws IOException {
    if (value != null) {
      out.writeStringField(key, value);
    }
  }
}
