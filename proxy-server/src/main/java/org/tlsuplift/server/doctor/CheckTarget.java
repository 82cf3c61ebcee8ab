package org.tlsuplift.server.doctor;

import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.server.config.SignInConfig;

/**
 * The mailbox to check, signed in by an application of a tenant.
 *
 * @param protocol the mail protocol of its devices
 * @param signIn the tenant and the application
 */
public record CheckTarget(String mailbox, MailProtocol protocol, SignInConfig signIn) {
  boolean isApplication() {
    return signIn.flow() == SignInConfig.Flow.APPLICATION;
  }

  /** The right that an application's token has in {@code roles}, or a user's in {@code scp}. */
  String right() {
    return switch (protocol) {
      case SMTP -> isApplication() ? "SMTP.SendAsApp" : "SMTP.Send";
      case IMAP -> isApplication() ? "IMAP.AccessAsApp" : "IMAP.AccessAsUser.All";
      case POP3 -> isApplication() ? "POP.AccessAsApp" : "POP.AccessAsUser.All";
    };
  }
}
