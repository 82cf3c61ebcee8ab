package org.tlsuplift.proxy.model;

/**
 * The refusals of Microsoft 365 that an operator can act on.
 *
 * <p>Microsoft documents the codes and causes (Exchange Online: SMTP AUTH client submission,
 * non-delivery reports, "Fix issues with printers, scanners, and LOB applications").
 */
public enum OriginReply {
  /** The connection used TLS 1.0 or 1.1. */
  TLS_TOO_OLD("421 4.7.66", "look for another proxy or firewall on the way that opens TLS"),
  /** SMTP AUTH is switched off, or Basic authentication is blocked. */
  SMTP_AUTH_DISABLED(
      "535 5.7.139",
      "run Set-CASMailbox MAILBOX -SmtpClientAuthenticationDisabled $false; check security defaults"),
  /** The user name, the password or the token is wrong. */
  BAD_CREDENTIALS(
      "535 5.7.3",
      "check user name and password in the device; with MFA, a password is not enough"),
  /** The device sent mail without signing in. */
  NOT_AUTHENTICATED(
      "530 5.7.57", "set user name and password in the device, or use a connector (port 25)"),
  /** Microsoft has retired Basic authentication for SMTP AUTH. */
  BASIC_AUTH_RETIRED(
      "550 5.7.30",
      "use 'signIn' (OAuth), a connector with a client certificate, or High Volume Email"),
  /** The signed-in mailbox may not send as this sender. */
  SEND_AS_DENIED(
      "550 5.7.60", "use the signed-in mailbox as sender in the device, or grant it SendAs"),
  /** No connector matches the certificate or the address. */
  TENANT_ATTRIBUTION(
      "550 5.7.64",
      "make the connector name this certificate or public address, with an accepted domain"),
  /** The tenant refuses mail from its own domains without a connector. */
  DIRECT_SEND_REFUSED("550 5.7.68", "use a connector with a client certificate, or sign in"),
  /** One mailbox has more simultaneous connections than the origin allows. */
  TOO_MANY_CONNECTIONS(
      "432 4.3.2", "no action: the device tries again; if it repeats, use more mailboxes"),
  MAILBOX_LOGON_FAILURE(
      "430 4.2.0", "check the licence of the mailbox, and the permission of the account on it"),
  /** A quota of the mailbox is used up, or the submission was refused by the store. */
  QUOTA_EXCEEDED(
      "554 5.2.0", "check the sending limit (10,000 recipients a day) and the sender address"),
  INVALID_XOAUTH2(
      "501 5.5.124", "check how the device builds the XOAUTH2 data from user and token"),
  /** The sender is blocked for suspicious mail. */
  SENDER_BLOCKED(
      "550 5.1.8", "release the sender under Restricted entities, and find out what it sent"),
  WRONG_REGION("451 4.4.62", "set the origin to the host that Microsoft names for this tenant"),
  /** IMAP or POP3 was used with TLS 1.0 or 1.1. */
  MAILBOX_TLS_TOO_OLD("popimap_tls", TLS_TOO_OLD.remedy()),
  /** IMAP or POP3 refuses the sign-in. */
  LOGIN_FAILED(
      "login failed",
      "check user name and password in the device; Microsoft 365 accepts only OAuth here");

  private static final String TOKEN_REFUSED =
      "run 'tls-uplift doctor': it checks the application and the mailbox";

  private final String label;
  private final String remedy;

  OriginReply(String label, String remedy) {
    this.label = label;
    this.remedy = remedy;
  }

  /** The value of the metric label: the reply code and the enhanced status code (RFC 3463). */
  public String label() {
    return label;
  }

  /** The remedy for the operator, in one line. */
  public String remedy() {
    return remedy;
  }

  /** The remedy if this proxy signed in with a token in place of the device. */
  public String signInRemedy() {
    return switch (this) {
      case BAD_CREDENTIALS, LOGIN_FAILED, NOT_AUTHENTICATED, MAILBOX_LOGON_FAILURE -> TOKEN_REFUSED;
      case INVALID_XOAUTH2 ->
          "check the mailbox of the account: it must be one that the token is for";
      case SMTP_AUTH_DISABLED ->
          "run Set-CASMailbox MAILBOX -SmtpClientAuthenticationDisabled $false";
      case TLS_TOO_OLD,
          BASIC_AUTH_RETIRED,
          SEND_AS_DENIED,
          TENANT_ATTRIBUTION,
          DIRECT_SEND_REFUSED,
          TOO_MANY_CONNECTIONS,
          QUOTA_EXCEEDED,
          SENDER_BLOCKED,
          WRONG_REGION,
          MAILBOX_TLS_TOO_OLD ->
          remedy;
    };
  }
}
