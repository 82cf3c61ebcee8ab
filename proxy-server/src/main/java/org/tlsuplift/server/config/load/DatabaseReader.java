package org.tlsuplift.server.config.load;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.config.DatabaseConfig;
import org.tlsuplift.server.config.yaml.FilePath;
import org.tlsuplift.server.config.yaml.Section;

/** Reads {@code database}. */
final class DatabaseReader {
  private static final String EXPECTED = "jdbc:postgresql://host:port/database";

  /** Several hosts, then the database and parameters; a value may be a path. */
  private static final Pattern URL =
      Pattern.compile(
          "jdbc:postgresql:(//([^/\\s@:?,]+|\\[[^/\\s@?,]+])(:\\d{1,5})?"
              + "(,([^/\\s@:?,]+|\\[[^/\\s@?,]+])(:\\d{1,5})?)*/)?[^/\\s?]+(\\?\\S*)?");

  private static final Pattern PORT = Pattern.compile(":(\\d+)$");

  private DatabaseReader() {}

  /** Null without the section. */
  static @Nullable DatabaseConfig read(Section root) {
    Section section = root.section("database");
    if (!root.has("database")) {
      return null;
    }
    if (!section.has("url")) {
      section.missing("url", EXPECTED, "");
    }
    DatabaseConfig database =
        new DatabaseConfig(
            section.guarded("url", EXPECTED, DatabaseReader::url, DatabaseConfig::shown).orElse(""),
            section.value("user", "a user of that database", user -> user).orElse(null),
            section.value("passwordFile", ConfigReader.PATH, FilePath::of).orElse(null),
            section.value("keyFile", ConfigReader.PATH, FilePath::of).orElse(null));
    section.end();
    return database;
  }

  private static String url(String text) {
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
}
