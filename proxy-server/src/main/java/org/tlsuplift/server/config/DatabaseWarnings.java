package org.tlsuplift.server.config;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.tlsuplift.server.config.binding.Problems;

/** Warns about a connection to the database that another machine can intercept. */
final class DatabaseWarnings {
  private static final String VERIFIED = "verify-full";
  private static final Pattern HERE =
      Pattern.compile("(localhost|127(\\.\\d{1,3}){3}|\\[::1])(:\\d+)?");

  private DatabaseWarnings() {}

  static void check(ServerConfig config, Problems problems) {
    DatabaseConfig database = config.database();
    if (database == null) {
      return;
    }
    List<String> remote = database.hosts().stream().filter(host -> !isHere(host)).toList();
    if (!remote.isEmpty() && !isVerified(database.parameters())) {
      problems.warning(
          "database.url",
          "the connection to '" + remote.get(0) + "' does not check which server responds",
          "add '?sslmode=verify-full', and '&sslrootcert=' with the file of the CA: otherwise a machine in between can read and change records, and restore old accounts");
    }
  }

  private static boolean isHere(String host) {
    return HERE.matcher(host).matches();
  }

  /** As the driver decides: 'ssl' without 'sslmode' is verify-full. */
  private static boolean isVerified(Map<String, String> parameters) {
    String ssl = parameters.get("ssl");
    String mode =
        parameters.getOrDefault(
            "sslmode", ssl == null || ssl.equalsIgnoreCase("false") ? "prefer" : VERIFIED);
    return mode.toLowerCase(Locale.ROOT).equals(VERIFIED)
        && !parameters.getOrDefault("sslfactory", "").endsWith("NonValidatingFactory");
  }
}
