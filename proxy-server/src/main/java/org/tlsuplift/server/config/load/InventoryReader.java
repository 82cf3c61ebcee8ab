package org.tlsuplift.server.config.load;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import org.tlsuplift.server.config.FilePath;
import org.tlsuplift.server.config.InventoryConfig;
import org.tlsuplift.server.config.yaml.Durations;
import org.tlsuplift.server.config.yaml.Section;

/** Reads {@code inventory}. */
final class InventoryReader {
  private static final Pattern URL = Pattern.compile("jdbc:postgresql:(//[^/\\s]+/)?[^/\\s]+");
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration TEN_YEARS = Duration.ofDays(3650);

  private InventoryReader() {}

  static InventoryConfig read(Section section) {
    String url =
        section
            .value("url", "jdbc:postgresql://host:port/database", InventoryReader::url)
            .orElse(null);
    String user = section.value("user", "a user of that database", u -> u).orElse(null);
    Path passwordFile =
        section.value("passwordFile", ConfigReader.PATH, FilePath::parse).orElse(null);
    if (url == null && section.clean("url")) {
      String why = "it is for PostgreSQL only; add 'url', or remove the key";
      section.refuse("user", why);
      section.refuse("passwordFile", why);
    }
    InventoryConfig inventory =
        new InventoryConfig(
            section.flag("enabled"),
            url,
            user,
            passwordFile,
            section.duration("flushInterval", Duration.ofMillis(100), Duration.ofMinutes(5)),
            section.duration("keep", DAY, TEN_YEARS),
            section.integer("maxDevices", 1, 10_000_000),
            section.duration("readyAfter", Duration.ZERO, TEN_YEARS),
            section.duration("notSeenAfter", DAY, TEN_YEARS));
    keptTooShort(section, inventory);
    section.end();
    return inventory;
  }

  /** A device that is deleted before it counts as not seen would never be listed. */
  private static void keptTooShort(Section section, InventoryConfig inventory) {
    Duration needed = Collections.max(List.of(inventory.readyAfter(), inventory.notSeenAfter()));
    if (inventory.keep().compareTo(needed) >= 0
        || !section.clean("keep")
        || !section.clean("readyAfter")
        || !section.clean("notSeenAfter")) {
      return;
    }
    String key =
        section.has("keep")
            ? "keep"
            : needed.equals(inventory.notSeenAfter()) ? "notSeenAfter" : "readyAfter";
    section.contradiction(
        key,
        key.equals("keep")
            ? "a time from "
                + Durations.format(needed)
                + ", the longer of readyAfter and notSeenAfter"
            : "a time up to " + Durations.format(inventory.keep()) + ", the value of keep",
        "devices that are deleted earlier are missing from 'not seen' and from the switch-off report");
  }

  private static String url(String text) {
    if (!URL.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "only PostgreSQL is supported; remove 'url' to use a file in dataDirectory");
    }
    if (text.matches(".*[?&]password=.*")) {
      throw new IllegalArgumentException(
          "put the password into a file and set 'passwordFile' to its path");
    }
    return text;
  }
}
