package org.tlsuplift.proxy.signin;

/**
 * The services of a listener with sign-in: devices sign in to this proxy with a password, and this
 * proxy signs in to the origin with XOAUTH2.
 */
public record SignIn(Accounts accounts, AccessTokens tokens, MailboxPermits permits) {}
