package org.tlsuplift.server.config;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.config.binding.Form;
import org.tlsuplift.server.config.binding.Key;
import org.tlsuplift.server.config.binding.Problems;

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
    @Key(required = true, form = Url.class) String url,
    @Key(expected = "a user of that database") @Nullable String user,
    @Nullable Path passwordFile,
    @Nullable Path keyFile) {
  /** A host with an optional port, in the JSON schema. */
  private static final String HOST =
      "([^/\\s@:?,]+|\\[[^/\\s@?,]+])"
          + "(:(\\d{1,4}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d\\d|655[0-2]\\d|6553[0-5]))?";

  private static final String VERIFIED = "verify-full";
  private static final Pattern HERE =
      Pattern.compile("(localhost|127(\\.\\d{1,3}){3}|\\[::1])(:\\d+)?");

  /** The URL without parameters. */
  public String shownUrl() {
    return url.replaceAll("\\?.*", "");
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

  /** Warns about a connection that another machine can intercept. */
  void warn(Problems problems) {
    List<String> remote = hosts().stream().filter(host -> !isHere(host)).toList();
    if (!remote.isEmpty() && !isVerified(parameters())) {
      problems.warning(
          "database.url",
          "the connection to '" + remote.get(0) + "' does not check which server responds",
          "add '?sslmode=verify-full', and '&sslrootcert=' with the file of the CA: otherwise a machine in between can read and change records, and restore old accounts");
    }
  }

  private static boolean isHere(String host) {
    return HERE.matcher(host).matches();
  }

  /**
   * Whether the driver verifies the server's certificate and name. For the driver, 'ssl' without
   * 'sslmode' means verify-full.
   */
  private static boolean isVerified(Map<String, String> parameters) {
    String ssl = parameters.get("ssl");
    String mode =
        parameters.getOrDefault(
            "sslmode", ssl == null || ssl.equalsIgnoreCase("false") ? "prefer" : VERIFIED);
    return mode.toLowerCase(Locale.ROOT).equals(VERIFIED)
        && !parameters.getOrDefault("sslfactory", "").endsWith("NonValidatingFactory");
  }

  @Override
  public String toString() {
    return shownUrl();
  }

  /** A URL of PostgreSQL without a password. */
  @Form.Rules(
      expected = "jdbc:postgresql://host:port/database",
      pattern =
          "^(?!.*[?&][Pp][Aa][Ss][Ss][Ww][Oo][Rr][Dd]=)(?![^?]*//[^?]*@)jdbc:postgresql:(//"
              + HOST
              + "(,"
              + HOST
              + ")*/)?[^/\\s?]+(\\?\\S*)?$")
  static final class Url implements Form<String> {
    /** Several hosts, then the database and parameters; a value may be a path. */
    private static final Pattern URL =
        Pattern.compile(
            "jdbc:postgresql:(//([^/\\s@:?,]+|\\[[^/\\s@?,]+])(:\\d{1,5})?"
                + "(,([^/\\s@:?,]+|\\[[^/\\s@?,]+])(:\\d{1,5})?)*/)?[^/\\s?]+(\\?\\S*)?");

    private static final Pattern PORT = Pattern.compile(":(\\d+)$");

    @Override
    public String parse(String text) {
      if (text.matches("(?is).*[?&]password=.*") || text.matches("(?s)[^?]*//[^?]*@.*")) {
        throw new IllegalArgumentException(
            "put the password into a file and set 'passwordFile' to its path, and 'user' to the user");
      }
      if (!URL.matcher(text).matches()) {
        throw new IllegalArgumentException(
            "only PostgreSQL is supported; without 'database', files in dataDirectory are used");
      }
      for (String host : new DatabaseConfig(text, null, null, null).hosts()) {
        Matcher port = PORT.matcher(host);
        // The driver's message would have the whole URL.
        if (port.find() && (Integer.parseInt(port.group(1)) > 65_535)) {
          throw new IllegalArgumentException("a port is a number from 1 to 65535");
        }
      }
      return text;
    }

    /** Without what may be a password. */
    @Override
    public String shown(String wrong) {
      return wrong
          .replaceAll("(?s)//.*@", "//")
          .replaceAll("(?s)[?&;].*", "")
          .replaceAll("(?is)password.*", "");
    }
  }
}
