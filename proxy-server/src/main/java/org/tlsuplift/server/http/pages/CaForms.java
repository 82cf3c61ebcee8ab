package org.tlsuplift.server.http.pages;

import java.util.List;
import java.util.Optional;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.authority.CaStep;
import org.tlsuplift.server.console.ActionForm;
import org.tlsuplift.server.console.PageRenderer;
import org.tlsuplift.server.feature.Change;
import org.tlsuplift.server.feature.Role;
import org.tlsuplift.server.http.Action;
import org.tlsuplift.server.http.Action.Field;
import org.tlsuplift.server.http.BadRequestException;
import org.tlsuplift.server.http.Request;

/** The forms with which administrators replace a CA. Thread-safe. */
final class CaForms {
  private final AuthorityControl control;
  private final PageRenderer renderer;
  private final Action stage =
      action(CaStep.STAGE, "Make the next CA. The current CA keeps signing.");
  private final Action activate = action(CaStep.ACTIVATE, "Sign with the staged CA from now on.");
  private final Action undo =
      action(CaStep.UNDO, "Drop the staged CA, or sign with the previous CA again.");
  private final Action retire = action(CaStep.RETIRE, "Erase the key of the previous CA.");

  CaForms(AuthorityControl control, PageRenderer renderer) {
    this.control = control;
    this.renderer = renderer;
  }

  private Action action(CaStep step, String summary) {
    return new Action(
        "/ca/" + step.label(),
        Navigation.CERTIFICATES.path(),
        Role.ADMINISTRATOR,
        true,
        summary,
        List.of(
            Field.optional("listener", "a listener with a CA of its own", 64),
            Field.required("state", "the state of the CA on the page", 400)),
        form -> take(step, form));
  }

  List<Action> actions() {
    return List.of(stage, activate, undo, retire);
  }

  /** The forms for one page. */
  public record OnPage(ActionForm stage, ActionForm activate, ActionForm undo, ActionForm retire) {}

  OnPage onPage(Request request) {
    return new OnPage(
        renderer.form(request, stage),
        renderer.form(request, activate),
        renderer.form(request, undo),
        renderer.form(request, retire));
  }

  /** The state of a CA for its forms; empty if it has none. */
  String state(TrustedAuthority authority) {
    return control.state(authority.listener());
  }

  private Action.Done take(CaStep step, Request form) throws BadRequestException {
    Optional<String> listener = form.parameter("listener");
    try {
      String after = control.take(step, listener, form.parameter("state").orElse(""));
      return Action.Done.back(
          "Done: " + after + ".",
          Change.done(
              listener.map(name -> "the listener " + name).orElse("all listeners"), "", after));
    } catch (OperatorException refused) {
      throw new BadRequestException(409, String.valueOf(refused.getMessage()));
    }
  }
}
