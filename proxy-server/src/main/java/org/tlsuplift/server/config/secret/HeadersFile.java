package org.tlsuplift.server.config.secret;

import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.process.KeyFileContent;

/**
 * A file of HTTP headers, one {@code Name: value} on each line. Empty lines and lines that begin
 * with {@code #} are ignored.
 *
 * <p>Errors name the line number, not its text, which is secret.
 */
public final class HeadersFile {
  private static final URI ANYWHERE = URI.create("http://localhost/");

  private HeadersFile() {}

  /** The headers; empty for null. */
  public static Map<String, String> read(@Nullable Path file) throws OperatorException {
    return file == null ? Map.of() : parse(file, KeyFileContent.of(file));
  }

  private static Map<String, String> parse(Path file, byte[] content) throws OperatorException {
    Map<String, String> headers = new LinkedHashMap<>();
    List<String> lines = PasswordFile.text(file, content).lines().map(String::strip).toList();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      int colon = line.indexOf(':');
      if (colon < 1 || !isUsable(line.substring(0, colon), line.substring(colon + 1).strip())) {
        throw new OperatorException(
            "line %s of %s is not a valid header; write 'Name: value', such as 'Authorization: Bearer ...'; connection headers are not allowed"
                .formatted(i + 1, file));
      }
      headers.put(line.substring(0, colon), line.substring(colon + 1).strip());
    }
    if (headers.isEmpty()) {
      throw new OperatorException(file + " has no headers; write 'Name: value' on each line");
    }
    return headers;
  }

  /** The JDK's client sends the headers and refuses some. */
  private static boolean isUsable(String name, String value) {
    try {
      HttpRequest.newBuilder(ANYWHERE).header(name, value);
      return !value.isEmpty() && !name.equalsIgnoreCase("Content-Type");
    } catch (IllegalArgumentException refused) {
      return false;
    }
  }
}
