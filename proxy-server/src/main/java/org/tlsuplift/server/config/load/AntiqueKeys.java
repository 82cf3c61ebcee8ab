package org.tlsuplift.server.config.load;

import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.yaml.Section;

/**
 * The keys of antique listeners.
 *
 * @param devices empty for other listeners
 * @param until null for other listeners
 */
record AntiqueKeys(List<Cidr> devices, @Nullable LocalDate until) {
  private static final String SUBNETS = "the address blocks of the devices, such as 10.1.2.0/28";
  private static final String DAY = "a day, such as 2027-06-30";
  private static final String NOT_HERE =
      "it is for 'profile: antique' only; use 'devices.allow' for other listeners";

  /** Reads the keys, which are required on antique listeners and refused on others. */
  static AntiqueKeys read(Section section, ListenerConfig.Profile profile) {
    if (section.clean("profile")) {
      if (profile == ListenerConfig.Profile.ANTIQUE) {
        demand(
            section,
            "devices",
            SUBNETS,
            "list the devices: an antique listener is too weak for all others");
        demand(section, "until", DAY, "set the last day: the listener stops accepting after it");
      } else {
        section.refuse("devices", NOT_HERE);
        section.refuse("until", "it is for 'profile: antique' only; remove it");
      }
    }
    return new AntiqueKeys(
        section.list("devices", SUBNETS, Cidr::parse),
        section.value("until", DAY, AntiqueKeys::day).orElse(null));
  }

  private static void demand(Section section, String key, String expected, String why) {
    if (!section.has(key)) {
      section.missing(key, expected, why);
    }
  }

  private static LocalDate day(String text) {
    try {
      return LocalDate.parse(text);
    } catch (DateTimeParseException no) {
      throw new IllegalArgumentException("", no);
    }
  }
}
