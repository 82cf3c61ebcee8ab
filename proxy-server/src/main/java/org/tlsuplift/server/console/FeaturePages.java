package org.tlsuplift.server.console;

import java.time.Instant;
import java.util.List;
import org.tlsuplift.server.http.Action;
import org.tlsuplift.server.http.ResourcePath;

/** What a feature shows on the admin port. Thread-safe. */
public interface FeaturePages {
  List<NavigationItem> navigation();

  /** What stops mail or sessions now, for the overview and the API. */
  List<Incident> incidents(Instant now);

  Group group(PageRenderer renderer);

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
