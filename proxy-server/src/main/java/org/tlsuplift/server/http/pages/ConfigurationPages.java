package org.tlsuplift.server.http.pages;

import java.util.List;
import org.tlsuplift.server.console.ActionForm;
import org.tlsuplift.server.console.PageFrame;
import org.tlsuplift.server.console.PageRenderer;
import org.tlsuplift.server.console.PageText;
import org.tlsuplift.server.feature.Change;
import org.tlsuplift.server.feature.Role;
import org.tlsuplift.server.http.Action;
import org.tlsuplift.server.http.Request;
import org.tlsuplift.server.http.ResourcePath;
import org.tlsuplift.server.http.Response;
import org.tlsuplift.server.readiness.ConfigurationState;

/** The page of the configuration in use, where administrators reload it. Thread-safe. */
final class ConfigurationPages {
  private final PageSources sources;
  private final PageRenderer renderer;
  private final Action reload =
      new Action(
          "/configuration/reload",
          Navigation.CONFIGURATION.path(),
          Role.ADMINISTRATOR,
          false,
          "Reload the configuration. 'after' names the keys that have changed.",
          List.of(),
          this::reload);

  ConfigurationPages(PageSources sources, PageRenderer renderer) {
    this.sources = sources;
    this.renderer = renderer;
  }

  /**
   * The texts of the page.
   *
   * @param state since when the configuration is in use
   * @param refused whether a reload was just refused
   * @param changed the keys that a reload would change
   * @param problems of the file, or of the latest reload
   * @param text of the configuration in use, without secrets; empty for who may not reload it
   */
  record ConfigurationPage(
      PageFrame frame,
      String state,
      boolean refused,
      ActionForm reload,
      List<String> changed,
      List<String> problems,
      String text) {}

  List<ResourcePath> routes() {
    return List.of(new ResourcePath(reload.page(), this::page));
  }

  List<Action> actions() {
    return List.of(reload);
  }

  private Response page(Request request) {
    ActionForm form = renderer.form(request, reload);
    return page(
        request,
        form,
        form.isAllowed()
            ? sources.reload().preview()
            : new ReloadControl.Result(List.of(), sources.configuration().get().problems()),
        200);
  }

  private Action.Done reload(Request form) {
    ReloadControl.Result result =
        sources.reload().reload(form.visitor().name() + " at the admin port");
    if (!result.problems().isEmpty()) {
      return Action.Done.of(
          page(form, renderer.form(form, reload), result, 409),
          Change.refused("", result.problems().size() + " problems"));
    }
    String keys = String.join(", ", result.changed());
    return keys.isEmpty()
        ? Action.Done.back(
            "Reloaded. No key has changed, and the files were read.",
            Change.done("", "", "no key has changed"))
        : Action.Done.back(
            "Reloaded. These keys have changed: " + PageText.visible(keys) + ".",
            Change.done("", "", "changed: " + keys));
  }

  private Response page(Request request, ActionForm form, ReloadControl.Result result, int status) {
    ConfigurationState state = sources.configuration().get();
    return renderer.page(
        "configuration",
        new ConfigurationPage(
            renderer.frame(request, "Configuration", Navigation.CONFIGURATION),
            "Generation %s, in use since %s UTC."
                .formatted(state.generation(), PageText.minute(state.loadedAt())),
            status == 409,
            form,
            result.changed().stream().map(PageText::visible).toList(),
            result.problems().stream().map(PageText::visible).toList(),
            form.isAllowed() ? sources.configurationText().get() : ""),
        status);
  }
}
