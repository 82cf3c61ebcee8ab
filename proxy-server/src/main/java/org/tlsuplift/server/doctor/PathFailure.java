package org.tlsuplift.server.doctor;

import org.tlsuplift.server.feature.FailureKind;

/** The kinds of failure on the path of mail, and of the sign-in to the pages. */
public enum PathFailure implements FailureKind {
  NAME_UNKNOWN(10, "the origin's name cannot be resolved"),
  /** No reply, or the upstream proxy refuses the connection. */
  UNREACHABLE(11, "no connection to the origin"),
  TLS_TOO_OLD(12, "the origin does not support TLS 1.2 or later"),
  TLS_FAILED(13, "the TLS handshake with the origin failed"),
  CERTIFICATE(14, "the origin's certificate cannot be trusted"),
  ORIGIN_REFUSES(15, "the origin refuses the connection, or does not speak the mail protocol"),
  NO_STARTTLS(16, "the origin offers no STARTTLS"),
  NO_XOAUTH2(17, "the origin offers no XOAUTH2"),
  NO_PASSWORD_SIGN_IN(18, "the origin offers no sign-in with a password"),
  PLATFORM_UNAVAILABLE(20, "the identity platform cannot be reached, or is busy"),
  TENANT_UNKNOWN(21, "the identity platform does not know the tenant"),
  APPLICATION_UNKNOWN(22, "the tenant does not know the application"),
  PROOF_WRONG(23, "the identity platform rejects the application's secret or certificate"),
  NO_CONSENT(24, "the application has no consent"),
  NOBODY_SIGNED_IN(25, "no user has signed in for the mailbox"),
  TOKEN_REFUSED(26, "the identity platform refuses a token"),
  WRONG_AUDIENCE(27, "the token is for another service"),
  MISSING_RIGHT(28, "the token has no permission for this protocol"),
  EXPIRED(29, "the token has expired: a clock is wrong"),
  SIGN_IN_REFUSED(30, "the origin refuses the token for the mailbox"),
  SMTP_AUTH_DISABLED(31, "SMTP AUTH is disabled for the tenant or the mailbox"),
  NO_MAILBOX_ACCESS(32, "the application or user has no access to the mailbox"),
  BUSY(33, "the origin is busy"),
  MALFORMED(34, "the origin does not understand the sign-in"),
  PASSWORD_UNREADABLE(35, "the password for the origin cannot be read"),
  PASSWORD_REFUSED(36, "the origin refuses the user or the password"),
  SENDER_REFUSED(40, "the origin refuses the sender"),
  /** 41 is that of a refused test message. */
  OPENID_UNUSABLE(42, "people cannot sign in to the pages at the OpenID provider");

  private final int exitCode;
  private final String title;

  PathFailure(int exitCode, String title) {
    this.exitCode = exitCode;
    this.title = title;
  }

  @Override
  public int exitCode() {
    return exitCode;
  }

  @Override
  public String title() {
    return title;
  }
}
