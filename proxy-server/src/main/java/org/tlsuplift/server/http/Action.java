package org.tlsuplift.server.http;

import org.tlsuplift.server.audit.AuditRecord.Change;
import org.tlsuplift.server.audit.Role;

/**
 * Something that people and programs change at the admin port. One class for each.
 *
 * <p>People send its form to {@link #path}, programs with a token to {@code /api} and that path.
 * Before it runs, the admin port has checked the sign-in, the role, the origin, the token of the
 * form and the rate, and that the audit log can be written. Actions run one after the other.
 */
public interface Action {
  /** Where its form is sent, such as {@code /configuration/reload}. */
  String path();

  /** The page that has its form. */
  String page();

  /** Its name in the audit log, such as {@code configuration.reload}. */
  String name();

  /** The role that it needs. */
  Role role();

  /** Whether the password must have been entered within the last five minutes. */
  default boolean needsFreshPassword() {
    return false;
  }

  /**
   * Does it. May block; nobody waits longer than a minute for the response, but it runs to its end.
   *
   * @param form its fields are the parameters
   * @throws BadRequestException if it is refused and nothing has changed
   * @throws Exception any other is recorded as a failure; the response is 500 without details
   */
  Done act(Request form) throws Exception;

  /**
   * It was done, or refused for a reason that the page explains.
   *
   * @param page for people; programs get the change as JSON
   */
  record Done(Response page, Change change) {}
}
