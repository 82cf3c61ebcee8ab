package org.tlsuplift.proxy.signin;

/**
 * The sign-in of a listener: devices sign in to this proxy with a password, and this proxy signs in
 * to the origin with the {@link OriginAccess} of their account.
 */
public record SignIn(Accounts accounts) {}
