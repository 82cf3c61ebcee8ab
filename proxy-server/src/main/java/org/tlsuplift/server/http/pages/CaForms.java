package org.tlsuplift.server.http.pages;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.audit.AuditRecord.Change;
import org.tlsuplift.server.audit.Role;
import org.tlsuplift.server.authority.CaStep;
import org.tlsuplift.server.http.Action;
import org.tlsuplift.server.http.BadRequestException;
import org.tlsuplift.server.http.Request;

/** The forms with which administrators replace a CA. Thread-safe. */
final class CaForms {
  private final AuthorityControl control;
  private final PageRenderer renderer;
  private final Map<CaStep, Action> actions = new EnumMap<>(CaStep.class);

  CaForms(AuthorityControl control, PageRenderer renderer) {
    this.control = control;
    this.renderer = renderer;
    add(CaStep.STAGE, "Make the next CA. The current CA keeps signing.");
    add(CaStep.ACTIVATE, "Sign with the staged CA from now on.");
    add(CaStep.UNDO, "Drop the staged CA, or sign with the previous CA again.");
    add(CaStep.RETIRE, "Erase the key of the previous CA.");
  }

  private void add(CaStep step, String summary) {
    actions.put(
        step,
        new Action(
            NavigationItem.CERTIFICATES.path() + "/" + step.name().toLowerCase(Locale.ROOT),
            NavigationItem.CERTIFICATES.path(),
            Role.ADMINISTRATOR,
            true,
            summary,
            List.of(
                Action.Field.optional("listener", "a listener with a CA of its own", 64),
                Action.Field.required("state", "the state of the CA on the page", 400)),
            form -> take(step, form)));
  }

  List<Action> actions() {
    return List.copyOf(actions.values());
  }

  /**
   * The form of a step.
   *
   * @param listener empty for the CA of all listeners without their own
   * @param breaks what happens to the devices
   */
  public record Form(
      ActionForm form, String listener, String state, String label, String breaks, String style) {}

  /** The form to stage a CA, for the reason why a visitor cannot. */
  ActionForm staging(Request request) {
    return form(request, CaStep.STAGE);
  }

  private ActionForm form(Request request, CaStep step) {
    return renderer.form(request, Objects.requireNonNull(actions.get(step)));
  }

  /**
   * The steps that a visitor may take with a CA.
   *
   * @param alone whether no other CA is kept for the same listeners
   */
  List<Form> of(Request request, TrustedAuthority authority, boolean alone) {
    String state = control.state(authority.listener());
    if (state.isEmpty() || !staging(request).isAllowed()) {
      return List.of();
    }
    Stream<Form> forms =
        switch (authority.state()) {
          case SIGNING ->
              alone
                  ? Stream.of(
                      form(
                          request,
                          CaStep.STAGE,
                          "Stage the next CA",
                          "Nothing changes for the devices: this CA keeps signing.",
                          "outline"))
                  : Stream.of();
          case STAGED ->
              Stream.of(
                  form(
                      request,
                      CaStep.ACTIVATE,
                      "Activate it",
                      "From now on, each device that does not trust this CA refuses new connections, until you install it there or go back. Open sessions continue. A browser that trusts only the current CA warns about this page.",
                      ""),
                  form(
                      request,
                      CaStep.UNDO,
                      "Drop it",
                      "Erases this CA and its key. You can then stage another one, and install that on each device.",
                      "outline"));
          case PREVIOUS ->
              Stream.of(
                  form(
                      request,
                      CaStep.UNDO,
                      "Go back to it",
                      "This CA signs again, and the CA that signs now is staged. Each device that does not trust this CA refuses new connections.",
                      "outline"),
                  form(
                      request,
                      CaStep.RETIRE,
                      "Erase its key",
                      "You can no longer go back: a device that does not trust the new CA must get it. Delete the key from your backups too.",
                      "outline"));
        };
    return forms
        .map(
            each ->
                new Form(
                    each.form(),
                    authority.listener().orElse(""),
                    state,
                    each.label(),
                    each.breaks(),
                    each.style()))
        .toList();
  }

  private Form form(Request request, CaStep step, String label, String breaks, String style) {
    return new Form(form(request, step), "", "", label, breaks, style);
  }

  private Action.Done take(CaStep step, Request form) throws BadRequestException {
    Optional<String> listener = form.parameter("listener");
    try {
      String after = control.take(step, listener, form.parameter("state").orElse(""));
      return Action.Done.back(
          "Done: " + after + ".",
          Change.done(listener.map(name -> "listener " + name).orElse("all listeners"), "", after));
    } catch (OperatorException refused) {
      throw new BadRequestException(409, String.valueOf(refused.getMessage()));
    }
  }
}
