package org.tlsuplift.server.http.pages;

import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.tlsuplift.server.console.PageText;

/** The parts of a list in pages, whatever it lists. */
final class ListParts {
  private ListParts() {}

  /** The configured listeners, and the chosen one, which an earlier configuration may have had. */
  static List<DeviceListPage.Option> listeners(List<String> configured, String chosen) {
    return DeviceListPage.Option.of(
        Stream.of(List.of(""), configured, List.of(chosen)).flatMap(List::stream),
        chosen,
        PageText::visible);
  }

  /**
   * Which part of the list a page shows.
   *
   * @param noun of the entries, in the singular
   * @param shown the entries on this page
   */
  static String summary(String noun, long page, int size, int shown, long total) {
    String all = PageText.count(total, noun);
    if (shown == 0) {
      return all + ", but none on page " + page + ".";
    }
    long first = (page - 1) * size + 1;
    return PageText.number(first) + " to " + PageText.number(first + shown - 1) + " of " + all;
  }

  /** The links to other pages; none if there is only one. */
  static List<DeviceListPage.Step> steps(
      long here, int size, long total, LongFunction<String> link) {
    long last = Math.max(1, (total + size - 1) / size);
    if (last == 1 && here == 1) {
      return List.of();
    }
    return List.of(
        new DeviceListPage.Step("First", here > 1 ? link.apply(1) : ""),
        new DeviceListPage.Step("Previous", here > 1 ? link.apply(Math.min(here - 1, last)) : ""),
        new DeviceListPage.Step(
            "Page " + PageText.number(here) + " of " + PageText.number(last), ""),
        new DeviceListPage.Step("Next", here < last ? link.apply(here + 1) : ""),
        new DeviceListPage.Step("Last", here < last ? link.apply(last) : ""));
  }
}
