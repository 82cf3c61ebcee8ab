package org.tlsuplift.server.inventory;

import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SequenceWriter;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;
import org.tlsuplift.server.text.Json;

/** Rows that are written while they are read. */
public interface Rows<T> {
  /** JSON, also for use inside HTML: escapes the characters that end a text, a tag or a script. */
  ObjectWriter JSON = Json.INDENTED.with(Json.escaping("<>&'\u007f"));

  void forEach(Receiver<T> receiver) throws SQLException, IOException;

  /** Rows that were read before. */
  static <T> Rows<T> of(List<T> rows) {
    return receiver -> {
      for (T row : rows) {
        receiver.accept(row);
      }
    };
  }

  /** Receives rows one by one. */
  interface Receiver<T> {
    /**
     * @throws IOException if the row cannot be written
     */
    void accept(T row) throws IOException;
  }

  /** Writes CSV (RFC 4180) in UTF-8: the header, then a line for each row. */
  default void csv(String header, Function<T, String> line, OutputStream target)
      throws SQLException, IOException {
    Writer writer = new BufferedWriter(new OutputStreamWriter(target, StandardCharsets.UTF_8));
    writer.write(header + "\r\n");
    forEach(row -> writer.write(line.apply(row) + "\r\n"));
    writer.flush();
  }

  /** Writes a JSON array. */
  default void json(Function<T, ?> value, Writer target) throws SQLException, IOException {
    try (SequenceWriter array = JSON.writeValuesAsArray(target)) {
      forEach(row -> array.write(value.apply(row)));
    }
  }

  /** Writes the same array as a file in UTF-8 that ends with a newline. */
  default void json(Function<T, ?> value, OutputStream target) throws SQLException, IOException {
    Writer writer = new BufferedWriter(new OutputStreamWriter(target, StandardCharsets.UTF_8));
    json(value, writer);
    writer.write('\n');
    writer.flush();
  }
}
