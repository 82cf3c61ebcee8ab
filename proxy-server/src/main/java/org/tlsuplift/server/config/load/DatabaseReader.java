package org.tlsuplift.server.config.load;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.config.DatabaseConfig;
import org.tlsuplift.server.config.FilePath;
import org.tlsuplift.server.config.yaml.Section;

/** Reads {@code database}. */
final class DatabaseReader {
  private static final Pattern URL = Pattern.compile("jdbc:postgresql:(//[^/\\s]+/)?[^/\\s]+");

  private DatabaseReader() {}

  /** Null without the section. */
  static @Nullable DatabaseConfig read(Section root) {
    Section section = root.section("database");
    if (!root.has("database")) {
      return null;
    }
    DatabaseConfig database =
        new DatabaseConfig(
            section
                .required("url", "jdbc:postgresql://host:port/database", DatabaseReader::url)
                .orElse(""),
            section.value("user", "a user of that database", user -> user).orElse(null),
            section.value("passwordFile", ConfigReader.PATH, FilePath::parse).orElse(null),
            section.value("keyFile", ConfigReader.PATH, FilePath::parse).orElse(null));
    section.end();
    return database;
  }

  private static String url(String text) {
    if (!URL.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "only PostgreSQL is supported; without 'database', files in dataDirectory are used");
    }
    if (text.matches(".*[?&]password=.*")) {
      throw new IllegalArgumentException(
          "put the password into a file and set 'passwordFile' to its path");
    }
    return text;
  }
}
