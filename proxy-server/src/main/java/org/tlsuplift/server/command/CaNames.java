package org.tlsuplift.server.command;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.microsoft365.ListName;

/** The names that a CA permits, in one line. */
final class CaNames {
  private static final String PERMITS = "permits ";

  private CaNames() {}

  /**
   * A summary such as {@code 83 names: the hosts of Microsoft 365 and your other routes, and this
   * machine's names uplift.corp.example and 192.168.1.10}.
   *
   * @param constraints each such as {@code permits outlook.com}
   * @param machine the names of this machine; the summary lists those that the CA permits
   */
  static String summary(ServerConfig config, List<String> constraints, List<String> machine) {
    List<String> permitted =
        constraints.stream()
            .filter(line -> line.startsWith(PERMITS))
            .map(line -> line.substring(PERMITS.length()))
            .toList();
    List<String> own =
        machine.stream()
            .distinct()
            .filter(
                name ->
                    Stream.of("", "/32", "/128")
                        .anyMatch(prefix -> permitted.contains(name + prefix)))
            .toList();
    int excluded = constraints.size() - permitted.size();
    return count(permitted.size())
        + ": "
        + routes(config)
        + (own.isEmpty() ? "" : ", and this machine's names " + list(own))
        + (excluded == 0 ? "" : "; excludes " + count(excluded));
  }

  private static String count(int names) {
    return names == 1 ? "1 name" : names + " names";
  }

  private static String routes(ServerConfig config) {
    List<String> to = config.routes().stream().flatMap(route -> route.to().stream()).toList();
    if (to.stream().noneMatch(CaNames::isMicrosoft)) {
      return "the hosts of your routes";
    }
    return to.stream().allMatch(CaNames::isMicrosoft)
        ? "the hosts of Microsoft 365"
        : "the hosts of Microsoft 365 and your other routes";
  }

  private static boolean isMicrosoft(String to) {
    return ListName.of(to).filter(ListName::isMicrosoft).isPresent();
  }

  private static String list(List<String> names) {
    List<String> all = new ArrayList<>(names);
    String last = all.remove(all.size() - 1);
    return all.isEmpty() ? last : String.join(", ", all) + " and " + last;
  }
}
