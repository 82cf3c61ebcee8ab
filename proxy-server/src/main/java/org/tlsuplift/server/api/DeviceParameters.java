package org.tlsuplift.server.api;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.server.inventory.DeviceFilter;
import org.tlsuplift.server.inventory.DeviceQuery;
import org.tlsuplift.server.inventory.DeviceSort;
import org.tlsuplift.server.inventory.Verdict;
import org.tlsuplift.server.web.BadRequestException;
import org.tlsuplift.server.web.Request;

/**
 * The devices that a request selects, with the filters of {@code tls-uplift devices}.
 *
 * @param paged whether the request wants only the first page
 */
record DeviceParameters(DeviceQuery first, boolean paged) {
  private static final int MAX_TEXT = 200;
  private static final String NEEDS_UPGRADE = "needs_upgrade";
  private static final Set<String> KNOWN =
      Set.of("q", "verdict", "subnet", "listener", "sort", "order", "limit", "offset");

  /**
   * Reads the parameters.
   *
   * @throws BadRequestException with status 400 if a parameter is unknown or invalid
   */
  static DeviceParameters read(Request request) throws BadRequestException {
    for (String name : new TreeSet<>(request.parameters().keySet())) {
      if (!KNOWN.contains(name)) {
        throw wrong(name, "parameter", String.join(", ", new TreeSet<>(KNOWN)));
      }
    }
    DeviceFilter filter =
        new DeviceFilter(
            text(request, "q").orElse(""),
            verdicts(request),
            subnet(request),
            text(request, "listener"));
    boolean paged = request.parameter("limit").isPresent();
    return new DeviceParameters(
        new DeviceQuery(
            filter,
            sort(request),
            descending(request),
            number(request, "offset", 0, 0, Integer.MAX_VALUE / 2),
            number(request, "limit", DeviceQuery.MAX_LIMIT, 1, DeviceQuery.MAX_LIMIT)),
        paged);
  }

  private static Optional<String> text(Request request, String name) throws BadRequestException {
    Optional<String> text = request.parameter(name);
    if (text.isPresent() && text.get().length() > MAX_TEXT) {
      throw new BadRequestException(400, name + ": at most " + MAX_TEXT + " characters");
    }
    return text;
  }

  private static Set<Verdict> verdicts(Request request) throws BadRequestException {
    Set<Verdict> wanted = EnumSet.noneOf(Verdict.class);
    Optional<String> words = request.parameter("verdict");
    if (words.isEmpty()) {
      return wanted;
    }
    for (String word : words.get().split(",", -1)) {
      Set<Verdict> meant =
          Arrays.stream(Verdict.values())
              .filter(
                  verdict ->
                      verdict.label().equals(word)
                          || (word.equals(NEEDS_UPGRADE) && verdict.needsUpgrade()))
              .collect(Collectors.toSet());
      if (meant.isEmpty()) {
        throw wrong(
            word,
            "verdict",
            NEEDS_UPGRADE
                + ", "
                + Arrays.stream(Verdict.values())
                    .map(Verdict::label)
                    .collect(Collectors.joining(", ")));
      }
      wanted.addAll(meant);
    }
    return wanted;
  }

  private static Optional<Cidr> subnet(Request request) throws BadRequestException {
    Optional<String> block = request.parameter("subnet");
    try {
      return block.map(Cidr::parse);
    } catch (IllegalArgumentException malformed) {
      throw wrong(block.orElse(""), "subnet", "an address block, such as 10.1.2.0/24");
    }
  }

  private static DeviceSort sort(Request request) throws BadRequestException {
    String word = request.parameter("sort").orElse(DeviceSort.ADDRESS.label());
    Optional<DeviceSort> meant =
        Arrays.stream(DeviceSort.values()).filter(key -> key.label().equals(word)).findFirst();
    if (meant.isEmpty()) {
      throw wrong(
          word,
          "sort",
          Arrays.stream(DeviceSort.values())
              .map(DeviceSort::label)
              .collect(Collectors.joining(", ")));
    }
    return meant.get();
  }

  private static boolean descending(Request request) throws BadRequestException {
    String word = request.parameter("order").orElse("asc");
    return switch (word) {
      case "asc" -> false;
      case "desc" -> true;
      default -> throw wrong(word, "order", "asc, desc");
    };
  }

  static int number(Request request, String name, int fallback, int min, int max)
      throws BadRequestException {
    String text = request.parameter(name).orElse(Integer.toString(fallback));
    if (text.matches("[0-9]{1,10}")) {
      long number = Long.parseLong(text);
      if (number >= min && number <= max) {
        return (int) number;
      }
    }
    throw wrong(text, name, "a number from " + min + " to " + max);
  }

  static BadRequestException wrong(String got, String name, String allowed) {
    String shown = got.length() > 80 ? got.substring(0, 80) + "..." : got;
    return new BadRequestException(
        400, name + ": got '" + shown.replaceAll("\\p{Cntrl}", "?") + "'; expected " + allowed);
  }
}
