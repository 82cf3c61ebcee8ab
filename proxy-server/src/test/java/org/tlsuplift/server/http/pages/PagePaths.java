package org.tlsuplift.server.http.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tlsuplift.server.http.ResourcePath;

/** The paths of all pages and their files, from the routes, so that no test forgets one. */
public final class PagePaths {
  private PagePaths() {}

  /**
   * All paths, in the order of the routes.
   *
   * @param examples a path for each pattern that stands for several
   */
  public static List<String> all(Map<String, String> examples) {
    List<String> paths = new ArrayList<>();
    List<String> patterns = new ArrayList<>();
    for (ResourcePath route : PagesRig.pages(Optional.empty(), List.of()).routes()) {
      if (route.pattern().startsWith("/api/")) {
        // A list for programs, beside the page of its feature.
        continue;
      }
      boolean several = route.pattern().matches(".*[{*].*");
      if (several) {
        patterns.add(route.pattern());
      }
      paths.add(several ? examples.getOrDefault(route.pattern(), "") : route.pattern());
    }
    assertThat(examples.keySet()).as("examples").containsExactlyInAnyOrderElementsOf(patterns);
    return paths;
  }
}
