package org.tlsuplift.server.http.pages;

import org.tlsuplift.server.audit.AuditRecord.Change;
import org.tlsuplift.server.audit.Role;
import org.tlsuplift.server.http.Action;
import org.tlsuplift.server.http.Request;

/** Reloads the configuration. */
final class ReloadAction implements Action {
  static final String PATH = "/configuration/reload";
  static final Role ROLE = Role.ADMINISTRATOR;

  private final ReloadControl control;
  private final ConfigurationPages pages;

  ReloadAction(ReloadControl control, ConfigurationPages pages) {
    this.control = control;
    this.pages = pages;
  }

  @Override
  public String path() {
    return PATH;
  }

  @Override
  public String page() {
    return NavigationItem.CONFIGURATION.path();
  }

  @Override
  public String name() {
    return "configuration.reload";
  }

  @Override
  public Role role() {
    return ROLE;
  }

  @Override
  public Done act(Request form) {
    ReloadControl.Result result = control.reload(form.visitor().name() + " at the admin port");
    boolean applied = result.problems().isEmpty();
    String keys = String.join(", ", result.changed());
    return new Done(
        pages.afterReload(form, result),
        applied
            ? Change.done("", "", keys.isEmpty() ? "no key has changed" : "changed: " + keys)
            : Change.refused("", result.problems().size() + " problems"));
  }
}
