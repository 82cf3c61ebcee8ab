package org.tlsuplift.server.http.pages;

import java.util.ArrayList;
import java.util.List;
import org.tlsuplift.server.console.Assets;
import org.tlsuplift.server.console.FeaturePages;
import org.tlsuplift.server.console.PageRenderer;
import org.tlsuplift.server.console.PageText;
import org.tlsuplift.server.http.Action;
import org.tlsuplift.server.http.Request;
import org.tlsuplift.server.http.ResourcePath;
import org.tlsuplift.server.http.Response;

/** The pages for people, and their assets. Thread-safe. */
public final class Pages {
  private final Assets assets = Assets.load();
  private final PageRenderer renderer;
  private final List<FeaturePages.Group> groups;

  public Pages(PageRenderer.Site site, List<FeaturePages> features) {
    this.renderer =
        new PageRenderer(
            site,
            features.stream().flatMap(each -> each.navigation().stream()).toList(),
            new PageRenderer.Templates(Pages.class.getPackageName(), assets));
    this.groups = features.stream().map(each -> each.group(renderer)).toList();
  }

  public List<ResourcePath> routes() {
    List<ResourcePath> routes = new ArrayList<>(assets.routes());
    groups.forEach(group -> routes.addAll(group.routes()));
    routes.add(new ResourcePath(ResourcePath.FALLBACK, this::nothing));
    return List.copyOf(routes);
  }

  /** What people and programs can change. */
  public List<Action> actions() {
    return groups.stream().flatMap(group -> group.actions().stream()).toList();
  }

  /** The page for a request that was refused. */
  public Response refused(Request request, int status, String why, String back) {
    return renderer.refused(request, status, why, back);
  }

  private Response nothing(Request request) {
    return renderer.problem(
        404, "No such page", "There is no page at " + PageText.visible(request.path()) + ".");
  }
}
