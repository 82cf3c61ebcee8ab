package org.tlsuplift.server.doctor;

import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.server.config.SignInConfig;

/**
 * The mailbox to check, and the application that signs in to it.
 *
 * @param protocol the mail protocol that its devices use
 * @param signIn the tenant and the application
 */
public record CheckTarget(String mailbox, MailProtocol protocol, SignInConfig signIn) {
  boolean isApplication() {
    return signIn.flow() == SignInConfig.Flow.APPLICATION;
  }

  /**
   * The permission that the token needs: in claim {@code roles} for an application, in {@code scp}
   * for a user.
   */
  String right() {
    return switch (protocol) {
      case SMTP -> isApplication() ? "SMTP.SendAsApp" : "SMTP.Send";
      case IMAP -> isApplication() ? "IMAP.AccessAsApp" : "IMAP.AccessAsUser.All";
      case POP3 -> isApplication() ? "POP.AccessAsApp" : "POP.AccessAsUser.All";
    };
  }
}
