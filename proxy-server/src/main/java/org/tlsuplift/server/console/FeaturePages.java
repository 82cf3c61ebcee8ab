package org.tlsuplift.server.console;

import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.tlsuplift.server.http.Action;
import org.tlsuplift.server.http.ResourcePath;

/** What a feature shows on the admin port. Thread-safe. */
public interface FeaturePages {
  /** Its entries in the navigation; each page belongs to one, or to none. */
  default List<NavigationItem> navigation() {
    return List.of();
  }

  /** What stops mail or sessions now, for the overview and the API. */
  default List<Incident> incidents(Instant now) {
    return List.of();
  }

  Group group(PageRenderer renderer);

  /** Pages of one entry that keep their renderer. */
  static FeaturePages of(NavigationItem item, Function<PageRenderer, Group> groups) {
    return new FeaturePages() {
      @Override
      public List<NavigationItem> navigation() {
        return List.of(item);
      }

      @Override
      public Group group(PageRenderer renderer) {
        return groups.apply(renderer);
      }
    };
  }

  /**
   * Pages, and what people and programs can change there.
   *
   * @param routes of the pages
   */
  record Group(List<ResourcePath> routes, List<Action> actions) {}

  /**
   * @param place its order among those of all features
   */
  record Incident(int place, NextStep step) {}
}
