package org.tlsuplift.proxy.route;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.model.ShortText;

/**
 * A set of TCP ports, written as a list of ports and ranges: {@code 443}, {@code 80,443}, {@code
 * 1000-2000}, or {@code *} for all of them.
 *
 * @param ranges not empty, sorted, neither overlapping nor adjacent
 */
public record Ports(List<Range> ranges) {
  /** The default of a destination without a port. */
  public static final Ports HTTPS = new Ports(List.of(new Range(443, 443)));

  public static final Ports ANY = new Ports(List.of(new Range(1, Range.LAST)));

  private static final int MAX_TEXT = 500;

  public Ports {
    if (ranges.isEmpty()) {
      throw new IllegalArgumentException("expected at least one port");
    }
    ranges = merged(ranges);
  }

  /**
   * Reads a list of ports and ranges.
   *
   * @throws IllegalArgumentException with a message for the operator
   */
  public static Ports parse(String text) {
    if (text.equals("*")) {
      return ANY;
    }
    if (text.length() > MAX_TEXT) {
      throw new IllegalArgumentException(
          "expected a list of ports of at most " + MAX_TEXT + " characters");
    }
    List<Range> ranges = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      ranges.add(Range.parse(part.strip()));
    }
    return new Ports(ranges);
  }

  public boolean contains(int port) {
    for (Range range : ranges) {
      if (port <= range.last) {
        return port >= range.first;
      }
    }
    return false;
  }

  /** The other ports; empty if there are none. */
  public Optional<Ports> without(int port) {
    List<Range> others = new ArrayList<>();
    for (Range range : ranges) {
      if (range.first > port || range.last < port) {
        others.add(range);
        continue;
      }
      if (range.first < port) {
        others.add(new Range(range.first, port - 1));
      }
      if (port < range.last) {
        others.add(new Range(port + 1, range.last));
      }
    }
    return others.isEmpty() ? Optional.empty() : Optional.of(new Ports(others));
  }

  Ports union(Ports other) {
    List<Range> both = new ArrayList<>(ranges);
    both.addAll(other.ranges);
    return new Ports(both);
  }

  @Override
  public String toString() {
    return equals(ANY)
        ? "*"
        : ranges.stream().map(Range::toString).collect(Collectors.joining(","));
  }

  private static List<Range> merged(List<Range> ranges) {
    List<Range> sorted = new ArrayList<>(ranges);
    sorted.sort(Comparator.comparingInt(Range::first));
    List<Range> merged = new ArrayList<>();
    for (Range next : sorted) {
      int end = merged.size() - 1;
      if (end >= 0 && next.first <= merged.get(end).last + 1) {
        Range last = merged.get(end);
        merged.set(end, new Range(last.first, Math.max(last.last, next.last)));
      } else {
        merged.add(next);
      }
    }
    return List.copyOf(merged);
  }

  /**
   * Ports from first to last, both included.
   *
   * @param first 1 to 65535
   * @param last not less than first, at most 65535
   */
  public record Range(int first, int last) {
    private static final int LAST = 65535;

    public Range {
      if (first < 1 || last > LAST || first > last) {
        throw new IllegalArgumentException(
            "got ports " + first + "-" + last + "; expected an ascending range within 1 to 65535");
      }
    }

    private static Range parse(String text) {
      if (!text.matches("[0-9]{1,5}(-[0-9]{1,5})?")) {
        throw new IllegalArgumentException(
            ShortText.quoted(text) + " is not a port; write 443, 80,443, 1000-2000 or * for all");
      }
      int dash = text.indexOf('-');
      int first = Integer.parseInt(dash < 0 ? text : text.substring(0, dash));
      return new Range(first, dash < 0 ? first : Integer.parseInt(text.substring(dash + 1)));
    }

    @Override
    public String toString() {
      return first == last ? Integer.toString(first) : first + "-" + last;
    }
  }
}
