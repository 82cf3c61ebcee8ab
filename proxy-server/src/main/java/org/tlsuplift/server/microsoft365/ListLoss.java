package org.tlsuplift.server.microsoft365;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.route.Cidr;

/**
 * Whether a list lacks more than a quarter of what the list before it had. Microsoft removes a few
 * names a month; more is a mistake, or not Microsoft.
 */
final class ListLoss {
  private ListLoss() {}

  /** What was lost, such as {@code 40 of 63 endpoint sets}; empty if it is no more than usual. */
  static Optional<String> of(PublishedList from, PublishedList to) {
    return lost("endpoint sets", ids(from), ids(to))
        .or(() -> lost("names", from.names(), to.names()))
        .or(
            () ->
                lost(
                    "destinations of '" + ListName.MICROSOFT365.label() + "'",
                    main(from),
                    main(to)))
        .or(() -> lost("address blocks", blocks(from), outside(from, to)));
  }

  private static Set<String> ids(PublishedList list) {
    return list.entries().stream()
        .map(entry -> Integer.toString(entry.id()))
        .collect(Collectors.toSet());
  }

  /** What most devices need; a mistake in Exchange alone would be small in the whole list. */
  private static Set<String> main(PublishedList list) {
    return list.entries().isEmpty()
        ? Set.of()
        : ListName.MICROSOFT365.select(list).destinations().stream()
            .map(destination -> destination.hosts().toString())
            .filter(text -> text.indexOf('/') < 0)
            .collect(Collectors.toSet());
  }

  private static List<Cidr> cidrs(PublishedList list) {
    return list.entries().stream().flatMap(entry -> entry.blocks().stream()).distinct().toList();
  }

  private static Set<String> blocks(PublishedList list) {
    return list.blocks();
  }

  /** The blocks of the older list that the newer one has, also as a part of a larger block. */
  private static Set<String> outside(PublishedList from, PublishedList to) {
    List<Cidr> larger = cidrs(to);
    return cidrs(from).stream()
        .filter(
            block ->
                larger.stream()
                    .anyMatch(
                        each ->
                            each.prefixLength() <= block.prefixLength()
                                && each.network().getClass() == block.network().getClass()
                                && each.contains(block.network())))
        .map(Cidr::toString)
        .collect(Collectors.toSet());
  }

  private static Optional<String> lost(String what, Collection<String> from, Set<String> to) {
    List<String> lost = new ArrayList<>(from);
    lost.removeAll(to);
    return lost.size() * 4 > from.size()
        ? Optional.of("%d of %d %s".formatted(lost.size(), from.size(), what))
        : Optional.empty();
  }
}
