package org.tlsuplift.server.http;

import org.tlsuplift.server.audit.Role;

/**
 * Who sent a request.
 *
 * @param name of the user or token; empty where no sign-in is needed
 */
public record Visitor(String name, Role role) {
  /** Everyone, where no sign-in is needed. */
  static final Visitor ANYONE = new Visitor("", Role.VIEWER);

  /** The reason why a request is refused that needs another role. */
  String lacks(Role needed) {
    return name.isEmpty()
        ? "this needs a user with the role " + needed.label() + "; add one to admin.users"
        : "this needs the role "
            + needed.label()
            + "; "
            + name
            + " has the role "
            + role.label()
            + ": an administrator can change it in admin.users or admin.tokens";
  }
}
