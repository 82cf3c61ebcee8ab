package org.tlsuplift.proxy.signin;

/**
 * What makes a listener sign its devices in at the origin: they sign in to this proxy, and this
 * proxy to the origin by XOAUTH2.
 *
 * @param accounts who the devices are
 * @param tokens what they are signed in with
 * @param keeper when it is their mailbox's turn
 */
public record SignIn(Accounts accounts, AccessTokens tokens, MailboxPermits keeper) {}
