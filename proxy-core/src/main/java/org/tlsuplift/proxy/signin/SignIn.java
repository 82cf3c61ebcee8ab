package org.tlsuplift.proxy.signin;

/**
 * Makes a listener sign its devices in at the origin: they sign in to this proxy, and this proxy to
 * the origin by XOAUTH2.
 *
 * @param accounts identifies devices
 * @param tokens sign in at the origin
 * @param permits limits the mailboxes
 */
public record SignIn(Accounts accounts, AccessTokens tokens, MailboxPermits permits) {}
