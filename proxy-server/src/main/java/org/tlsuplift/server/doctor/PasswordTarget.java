package org.tlsuplift.server.doctor;

import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.server.config.SignInConfig;

/**
 * The account to check, signed in with a password.
 *
 * @param mailbox the address of its mail
 * @param protocol the mail protocol of its devices
 * @param upstream the user and the file with the password
 */
public record PasswordTarget(
    String mailbox, MailProtocol protocol, SignInConfig.Upstream upstream) {}
