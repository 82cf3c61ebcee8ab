package org.tlsuplift.server.it.peer;

import java.nio.file.Path;

/**
 * By what a post office knows people.
 *
 * @param mechanisms the only SASL mechanisms it offers
 * @param settings how Dovecot finds out whether what it is told is right
 */
public record Verifier(String mechanisms, String settings) {
  /** By a password, which is the same for all. */
  public static Verifier passwords() {
    return new Verifier(
        "plain login",
        """
        passdb static {
          password = %s
        }
        """
            .formatted(Dovecot.PASSWORD));
  }

  /** By the same password, which only LOGIN brings. */
  public static Verifier passwordsByLogin() {
    return new Verifier("login", passwords().settings());
  }

  /**
   * By tokens of applications, about which an identity platform is asked (RFC 7662).
   *
   * <p>Such a token is good for all mailboxes of a tenant, but for those that are listed as closed;
   * Dovecot, which compares a user with what the platform says, therefore gets to see the domain.
   */
  public static Verifier applicationTokens(String introspectionUrl, Path closed) {
    return new Verifier(
        "xoauth2",
        """
        auth_username_format = %%{user | domain}
        passdb closed {
          driver = passwd-file
          deny = yes
          passwd_file_path = %2$s
          auth_username_format = %%{original_user}
        }
        passdb static {
          fields {
            user = %%{original_user}
            nopassword = yes
          }
        }
        oauth2 {
          introspection_mode = post
          introspection_url = %1$s
          username_attribute = domain
          active_attribute = active
          active_value = true
        }
        """
            .formatted(introspectionUrl, closed));
  }

  /** By tokens of users, each of which is good for the mailbox of this user. */
  public static Verifier userTokens(String introspectionUrl) {
    return new Verifier(
        "xoauth2",
        """
        passdb oauth2 {
        }
        oauth2 {
          introspection_mode = post
          introspection_url = %s
          username_attribute = username
          active_attribute = active
          active_value = true
        }
        """
            .formatted(introspectionUrl));
  }
}
