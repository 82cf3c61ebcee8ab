package org.tlsuplift.server.config;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The PostgreSQL database that several instances share.
 *
 * @param url a JDBC URL without a password of the user; its parameters may have another secret, so
 *     only {@link #shownUrl} is printed
 * @param user null for the user in the URL or the server's default
 * @param passwordFile null for none
 * @param keyFile encrypts the tokens of users in it; null if they stay in the data directory
 */
public record DatabaseConfig(
    String url, @Nullable String user, @Nullable Path passwordFile, @Nullable Path keyFile) {
  /** The URL without parameters. */
  public String shownUrl() {
    return url.replaceAll("\\?.*", "");
  }

  /** An invalid URL, without what may be a password. */
  public static String shown(String invalid) {
    return invalid
        .replaceAll("(?s)//.*@", "//")
        .replaceAll("(?s)[?&;].*", "")
        .replaceAll("(?is)password.*", "");
  }

  /** The hosts with their ports; empty for this machine. */
  public List<String> hosts() {
    int start = url.indexOf("//");
    return start < 0
        ? List.of()
        : Arrays.asList(url.substring(start + 2, url.indexOf('/', start + 2)).split(",", -1));
  }

  /** The parameters of the URL. */
  public Map<String, String> parameters() {
    Map<String, String> parameters = new LinkedHashMap<>();
    int start = url.indexOf('?');
    for (String each : start < 0 ? new String[0] : url.substring(start + 1).split("&", -1)) {
      String[] parts = each.split("=", 2);
      parameters.put(
          parts[0], parts.length < 2 ? "" : URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
    }
    return parameters;
  }

  @Override
  public String toString() {
    return shownUrl();
  }
}
