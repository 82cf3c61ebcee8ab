package org.tlsuplift.server.http.pages;

import java.util.List;
import java.util.function.Supplier;
import org.tlsuplift.server.console.ActionForm;
import org.tlsuplift.server.console.FeaturePages;
import org.tlsuplift.server.console.NavigationItem;
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

/**
 * The page of the configuration in use, where administrators reload it. Thread-safe.
 *
 * @param state of this configuration, and the result of the latest reload
 * @param text of this configuration, without secrets
 */
public record ConfigurationPages(
    ReloadControl control, Supplier<ConfigurationState> state, Supplier<String> text)
    implements FeaturePages {
  @Override
  public List<NavigationItem> navigation() {
    return List.of(Navigation.CONFIGURATION);
  }

  @Override
  public Group group(PageRenderer renderer) {
    Action reload = reload(renderer);
    return new Group(
        List.of(new ResourcePath(reload.page(), request -> page(renderer, request))),
        List.of(reload));
  }

  private Action reload(PageRenderer renderer) {
    return new Action(
        "/configuration/reload",
        Navigation.CONFIGURATION.path(),
        Role.ADMINISTRATOR,
        false,
        "Reload the configuration. 'after' names the keys that have changed.",
        List.of(),
        form -> reload(renderer, form));
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

  private Response page(PageRenderer renderer, Request request) {
    ActionForm form = renderer.form(request, reload(renderer));
    return page(
        renderer,
        request,
        form,
        form.isAllowed()
            ? control.preview()
            : new ReloadControl.Result(List.of(), state.get().problems()),
        200);
  }

  private Action.Done reload(PageRenderer renderer, Request form) {
    ReloadControl.Result result = control.reload(form.visitor().name() + " at the admin port");
    if (!result.problems().isEmpty()) {
      return Action.Done.of(
          page(renderer, form, renderer.form(form, reload(renderer)), result, 409),
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

  private Response page(
      PageRenderer renderer,
      Request request,
      ActionForm form,
      ReloadControl.Result result,
      int status) {
    ConfigurationState now = state.get();
    return renderer.page(
        "configuration",
        new ConfigurationPage(
            renderer.frame(request, "Configuration", Navigation.CONFIGURATION),
            "Generation %s, in use since %s UTC."
                .formatted(now.generation(), PageText.minute(now.loadedAt())),
            status == 409,
            form,
            result.changed().stream().map(PageText::visible).toList(),
            result.problems().stream().map(PageText::visible).toList(),
            form.isAllowed() ? text.get() : ""),
        status);
  }
}
