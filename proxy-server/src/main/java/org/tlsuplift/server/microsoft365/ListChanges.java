package org.tlsuplift.server.microsoft365;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.route.EndpointList;

/**
 * What one list has and another lacks: names, address blocks or destinations.
 *
 * @param added in the order of the newer one
 * @param removed in the order of the older one
 */
public record ListChanges(List<String> added, List<String> removed) {
  /** How many of each are in one line of text. */
  private static final int SHOWN = 20;

  public ListChanges {
    added = List.copyOf(added);
    removed = List.copyOf(removed);
  }

  /** The names that came and went. */
  public static ListChanges ofNames(PublishedList from, PublishedList to) {
    return of(from.names(), to.names());
  }

  /** The address blocks that came and went. */
  public static ListChanges ofBlocks(PublishedList from, PublishedList to) {
    return of(from.blocks(), to.blocks());
  }

  /** The destinations, names and blocks with their ports, that came and went. */
  public static ListChanges ofDestinations(EndpointList from, EndpointList to) {
    return of(texts(from), texts(to));
  }

  private static List<String> texts(EndpointList list) {
    return list.destinations().stream().map(Object::toString).toList();
  }

  private static ListChanges of(Collection<String> from, Collection<String> to) {
    return new ListChanges(without(to, from), without(from, to));
  }

  private static List<String> without(Collection<String> all, Collection<String> some) {
    List<String> left = new ArrayList<>(all);
    left.removeAll(Set.copyOf(some));
    return left;
  }

  public boolean isEmpty() {
    return added.isEmpty() && removed.isEmpty();
  }

  /** Such as {@code added a.example, b.example; removed none}; at most 20 of each. */
  @Override
  public String toString() {
    return "added " + text(added) + "; removed " + text(removed);
  }

  private static String text(List<String> names) {
    return names.isEmpty() ? "none" : ShortText.list(names, ", ", SHOWN);
  }
}
