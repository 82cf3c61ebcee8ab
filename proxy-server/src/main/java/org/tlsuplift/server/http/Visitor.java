package org.tlsuplift.server.http;

import org.tlsuplift.server.feature.Role;

/**
 * Who sent a request.
 *
 * @param name of the user or token; empty where no sign-in is needed
 * @param subject the issuer and the subject of a user of OpenID Connect; otherwise empty
 * @param by how the visitor signed in
 * @param forms for the forms on a page
 */
public record Visitor(String name, String subject, Role role, By by, Forms forms) {
  /** Everyone, where no sign-in is needed. */
  public static final Visitor ANYONE = new Visitor("", Role.VIEWER, By.NOTHING);

  /** How a visitor signed in. */
  public enum By {
    NOTHING,
    /** A name and a password with the request. A browser repeats them, so they change nothing. */
    PASSWORD,
    TOKEN,
    /** A cookie that the sign-in page has set. */
    SESSION
  }

  /** What the session of a visitor keeps for pages. */
  public interface Forms {
    /** A token for the form of the action with this path, which is accepted once. */
    String token(String path);

    /** The notice of the latest action for the page with this path, which has it no longer. */
    default String notice(String path) {
      return "";
    }
  }

  Visitor(String name, Role role, By by) {
    this(name, role, by, path -> "");
  }

  public Visitor(String name, Role role, By by, Forms forms) {
    this(name, "", role, by, forms);
  }

  /** What no other user has: users of OpenID Connect may have the same name. */
  String key() {
    return subject.isEmpty() ? name : subject;
  }

  /** The reason why a request is refused that needs another role. */
  String lacks(Role needed) {
    return name.isEmpty()
        ? "this needs a user with the role " + needed.label() + "; add one to admin.users"
        : "this needs the role %s; %s has the role %s: an administrator can change it in admin.users, admin.tokens or admin.openIdConnect"
            .formatted(needed.label(), name, role.label());
  }
}
