package org.tlsuplift.server.http.pages;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.http.Request;
import org.tlsuplift.server.http.ResourcePath;
import org.tlsuplift.server.http.Response;
import org.tlsuplift.server.http.Visitor;
import org.tlsuplift.server.readiness.ConfigurationState;

/** The page of the configuration in use, where administrators reload it. Thread-safe. */
final class ConfigurationPages {
  private final PageSources sources;
  private final PageRenderer renderer;

  ConfigurationPages(PageSources sources, PageRenderer renderer) {
    this.sources = sources;
    this.renderer = renderer;
  }

  /**
   * The texts of the page.
   *
   * @param state since when the configuration is in use
   * @param why nothing can be changed here; empty if it can
   * @param done the result of the reload that was just made; empty for none
   * @param refused whether that reload was not applied
   * @param token of the form
   * @param changed the keys that a reload would change, or has changed
   * @param problems of the file, or of the latest reload
   */
  record ConfigurationPage(
      PageFrame frame,
      String state,
      String why,
      String done,
      boolean refused,
      String token,
      List<String> changed,
      List<String> problems) {}

  List<ResourcePath> routes() {
    return List.of(new ResourcePath(NavigationItem.CONFIGURATION.path(), this::page));
  }

  private Response page(Request request) {
    String why = why(request.visitor());
    return why.isEmpty()
        ? page(request, why, sources.reload().preview(), null)
        : page(
            request,
            why,
            new ReloadControl.Result(List.of(), sources.configuration().get().problems()),
            null);
  }

  /** The page after a reload. */
  Response afterReload(Request form, ReloadControl.Result result) {
    String done =
        !result.problems().isEmpty()
            ? "Nothing was reloaded. The running configuration stays in use."
            : result.changed().isEmpty()
                ? "Reloaded. No key has changed, and the files were read."
                : "Reloaded. These keys have changed:";
    return page(form, "", result, done);
  }

  private Response page(
      Request request, String why, ReloadControl.Result result, @Nullable String done) {
    ConfigurationState state = sources.configuration().get();
    ConfigurationPage page =
        new ConfigurationPage(
            renderer.frame("Configuration", NavigationItem.CONFIGURATION),
            "Generation "
                + state.generation()
                + ", in use since "
                + PageText.minute(state.loadedAt())
                + " UTC.",
            why,
            done == null ? "" : done,
            !result.problems().isEmpty(),
            request.visitor().forms().token(ReloadAction.PATH),
            result.changed().stream().map(PageText::visible).toList(),
            result.problems().stream().map(PageText::visible).toList());
    return renderer.page("configuration", page, done != null && page.refused() ? 409 : 200);
  }

  private String why(Visitor visitor) {
    if (!sources.missingForActions().isEmpty()) {
      return PageText.sentence(sources.missingForActions()) + ".";
    }
    if (visitor.by() != Visitor.By.SESSION) {
      return "Sign in with the form to reload it.";
    }
    return visitor.role().includes(ReloadAction.ROLE)
        ? ""
        : "Reloading it needs the role administrator; you have the role "
            + visitor.role().label()
            + ".";
  }
}
