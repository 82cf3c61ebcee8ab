package org.tlsuplift.proxy.model;

/**
 * The refusals of Microsoft 365 that an operator can act on.
 *
 * <p>Microsoft documents the codes and causes (Exchange Online: SMTP AUTH client submission,
 * non-delivery reports, "Fix issues with printers, scanners, and LOB applications"). The texts come
 * from these pages and from published transcripts. One code can have several causes, which only the
 * text tells apart; a cause that shares its code has a suffix in its label.
 */
public enum OriginReply {
  /** The connection used TLS 1.0 or 1.1. */
  TLS_TOO_OLD("421 4.7.66"),
  /** The same code with another text: reported for blocked addresses and domains. */
  CONNECTION_BLOCKED("421 4.7.66 blocked"),
  /** TLS 1.0 or 1.1 on {@code smtp-legacy}, which the tenant has not allowed. */
  LEGACY_TLS_NOT_ALLOWED("5.7.67"),

  /** SMTP AUTH is off for the mailbox or the tenant; also a text that is not known. */
  SMTP_AUTH_DISABLED("535 5.7.139"),
  CREDENTIALS_INCORRECT("535 5.7.139 credentials"),
  /** A policy of the tenant, or passwords have ended. */
  BASIC_AUTH_DISABLED("535 5.7.139 basic-auth"),
  CONDITIONAL_ACCESS("535 5.7.139 conditional-access"),
  SECURITY_DEFAULTS("535 5.7.139 security-defaults"),
  /** The organization does not allow this type of authentication. */
  AUTH_TYPE_NOT_ALLOWED("535 5.7.139 organization"),
  /** The user name, the password or the token is wrong. */
  BAD_CREDENTIALS("535 5.7.3"),
  /** The device sent mail without signing in. */
  NOT_AUTHENTICATED("530 5.7.57"),
  /** Microsoft has retired Basic authentication for SMTP AUTH. */
  BASIC_AUTH_RETIRED("550 5.7.30"),
  MAILBOX_LOGON_FAILURE("430 4.2.0"),
  INVALID_XOAUTH2("501 5.5.124"),
  /** High Volume Email: the XOAUTH2 data is malformed. */
  HVE_INVALID_XOAUTH2("501 5.5.121-127"),
  HVE_TOKEN_EXPIRES_SOON("535 5.7.142"),
  HVE_TOKEN_EXPIRED("535 5.7.143"),
  /** High Volume Email: the token has another permission than {@code Mail.Send}. */
  HVE_WRONG_PERMISSION("535 5.7.144"),
  HVE_APPLICATION_NOT_ALLOWED("550 5.7.240"),
  /** High Volume Email: MAIL FROM has another address than the account. */
  HVE_SENDER_NOT_ACCOUNT("5.7.62"),
  /** High Volume Email: the field From has another address than the account. */
  HVE_FROM_NOT_ACCOUNT("5.6.241"),
  /** High Volume Email: the user who signed in is no account of it. */
  HVE_NOT_HVE_ACCOUNT("5.2.240"),

  /** The signed-in mailbox may not send as this sender. */
  SEND_AS_DENIED("550 5.7.60"),
  /** The same, at the end of the message. */
  STORE_SEND_AS_DENIED("554 5.2.252"),
  /** The same in an older text. */
  OLD_SEND_AS_DENIED("554 5.2.0 send-as-denied"),
  /** The sender is blocked for suspicious mail. */
  SENDER_BLOCKED("550 5.1.8"),
  RECIPIENT_UNKNOWN("550 5.4.1"),
  /** The recipient is in the tenant's block list. */
  RECIPIENT_BLOCKED("550 5.7.703"),

  /** No connector matches the certificate or the address. */
  TENANT_ATTRIBUTION("550 5.7.64"),
  /** The tenant refuses mail from its own domains without a connector. */
  DIRECT_SEND_REFUSED("550 5.7.68"),
  /** Exchange Online has blocked the connector for suspicious mail. */
  CONNECTOR_BLOCKED("550 5.7.711"),
  /** The sender's domain is not an accepted domain of the tenant. */
  UNREGISTERED_DOMAIN("550 5.7.750"),
  WRONG_REGION("451 4.4.62"),

  /** One mailbox has more simultaneous connections than the origin allows. */
  TOO_MANY_CONNECTIONS("432 4.3.2"),
  /** A quota of the mailbox is used up, or the submission was refused by the store. */
  QUOTA_EXCEEDED("554 5.2.0"),
  /** The tenant has sent to too many external recipients today. */
  TENANT_QUOTA_EXCEEDED("550 5.7.233"),
  /** The same for trial and new tenants. */
  TRIAL_QUOTA_EXCEEDED("550 5.7.232"),
  /** The public address is throttled; also with 421. */
  SERVER_BUSY("451 4.7.500"),
  /** The public address is on Microsoft's block list. */
  ADDRESS_BANNED("550 5.7.606-649"),
  /** The sender or the public address is on Microsoft's block list. */
  SENDER_BANNED("550 5.7.511"),
  ADDRESS_NOT_ACCEPTED("550 5.7.708"),
  /** The tenant is blocked for spam. */
  TENANT_BLOCKED("550 5.7.705"),

  /** IMAP or POP3 was used with TLS 1.0 or 1.1. */
  MAILBOX_TLS_TOO_OLD("popimap_tls", true),
  /** IMAP or POP3 refuses the sign-in. */
  LOGIN_FAILED("login failed", true),
  /** IMAP or POP3 refuses every password. */
  MAILBOX_BASIC_AUTH_DISABLED("basic authentication disabled", true),
  /** IMAP or POP3 accepts the token, but not for this mailbox. */
  MAILBOX_NOT_CONNECTED("authenticated but not connected", true);

  private final String label;
  private final boolean ofMailbox;

  OriginReply(String label) {
    this(label, false);
  }

  OriginReply(String label, boolean ofMailbox) {
    this.label = label;
    this.ofMailbox = ofMailbox;
  }

  /**
   * The value of the metric label: the reply code and the enhanced status code (RFC 3463), and a
   * word for the cause if another refusal has the same code. The enhanced status code alone if
   * several reply codes have it, or if no source names the reply code.
   */
  public String label() {
    return label;
  }

  /** Whether IMAP and POP3 have this refusal, and SMTP has not. */
  public boolean isOfMailbox() {
    return ofMailbox;
  }

  /** The remedy for the operator, in one line. */
  public String remedy() {
    return ReplyRemedies.of(this);
  }

  /** The remedy if this proxy signed in with a token in place of the device. */
  public String signInRemedy() {
    return ReplyRemedies.afterSignIn(this);
  }
}
