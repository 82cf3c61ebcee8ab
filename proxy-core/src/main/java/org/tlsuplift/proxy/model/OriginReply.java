package org.tlsuplift.proxy.model;

/**
 * The refusals of Microsoft 365 that an operator can act on.
 *
 * <p>Microsoft documents the codes and causes (Exchange Online: SMTP AUTH client submission,
 * non-delivery reports, "Fix issues with printers, scanners, and LOB applications").
 */
public enum OriginReply {
  /** The connection used TLS 1.0 or 1.1. */
  TLS_TOO_OLD(
      "421 4.7.66",
      "the origin saw TLS below 1.2, which this proxy never uses: look for another proxy or firewall between here and the origin that"
          + " terminates TLS"),
  /** SMTP AUTH is switched off, or Basic authentication is blocked. */
  SMTP_AUTH_DISABLED(
      "535 5.7.139",
      "enable SMTP AUTH for the mailbox (Set-CASMailbox -SmtpClientAuthenticationDisabled $false) and the tenant; check that no security"
          + " defaults or Conditional Access policy blocks Basic authentication"),
  /** The user name, the password or the token is wrong. */
  BAD_CREDENTIALS(
      "535 5.7.3",
      "check the user name and password in the device; an account with multi-factor authentication cannot sign in with its password"),
  /** The device sent mail without signing in. */
  NOT_AUTHENTICATED(
      "530 5.7.57",
      "the device did not sign in: set a user name and password in the device, or use a connector (port 25 with a client certificate)"),
  /** Microsoft has retired Basic authentication for SMTP AUTH. */
  BASIC_AUTH_RETIRED(
      "550 5.7.30",
      "this tenant no longer accepts passwords for SMTP AUTH: use a connector with a client certificate, or High Volume Email for internal"
          + " recipients; an administrator may still be able to enable passwords again"),
  /** The signed-in mailbox may not send as this sender. */
  SEND_AS_DENIED(
      "550 5.7.60",
      "set the sender address in the device to that of the signed-in mailbox, or grant it SendAs (Add-RecipientPermission)"),
  /** No connector matches the certificate or the address. */
  TENANT_ATTRIBUTION(
      "550 5.7.64",
      "no inbound connector matches: check that the client certificate's domain or the sender's domain is an accepted domain, and that the"
          + " connector names this certificate or this site's public address"),
  /** The tenant refuses mail from its own domains without a connector. */
  DIRECT_SEND_REFUSED(
      "550 5.7.68",
      "the tenant rejects direct send: use a connector with a client certificate, or sign in"),
  /** One mailbox has more simultaneous connections than the origin allows. */
  TOO_MANY_CONNECTIONS(
      "432 4.3.2",
      "too many sessions of one mailbox at once (Microsoft accepts 3): the device retries by itself; if this continues, spread the devices over"
          + " more mailboxes"),
  MAILBOX_LOGON_FAILURE(
      "430 4.2.0",
      "the mailbox could not be opened: check its licence, and the account's or application's permission on it"),
  /** A quota of the mailbox is used up, or the submission was refused by the store. */
  QUOTA_EXCEEDED(
      "554 5.2.0",
      "the mailbox has reached its limit (10,000 recipients a day), or may not send as this sender; the reply text in the device's report"
          + " tells them apart"),
  INVALID_XOAUTH2(
      "501 5.5.124",
      "the XOAUTH2 data is malformed: check how the device builds it from the user name and the token"),
  /** The sender is blocked for suspicious mail. */
  SENDER_BLOCKED(
      "550 5.1.8",
      "Microsoft blocked this sender for suspicious mail: find out what it sent, then release it under Restricted entities"),
  WRONG_REGION(
      "451 4.4.62",
      "the mail reached the wrong region: set the origin to the host that Microsoft lists for this tenant"),
  /** IMAP or POP3 was used with TLS 1.0 or 1.1. */
  MAILBOX_TLS_TOO_OLD("popimap_tls", TLS_TOO_OLD.remedy()),
  /** IMAP or POP3 refuses the sign-in. */
  LOGIN_FAILED(
      "login failed",
      "check the user name and password in the device; for IMAP and POP3, Microsoft 365 no longer accepts passwords, only OAuth tokens");

  private static final String TOKEN_REFUSED =
      "run 'tls-uplift doctor'; the application needs SMTP.SendAsApp, IMAP.AccessAsApp or POP.AccessAsApp with an"
          + " administrator's consent, a service principal in Exchange Online for the object id of the enterprise application"
          + " (New-ServicePrincipal), and FullAccess on the mailbox (Add-MailboxPermission)";

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
          "check the account's mailbox: it must be an address that the token is valid for";
      case SMTP_AUTH_DISABLED ->
          "enable SMTP AUTH for the mailbox (Set-CASMailbox -SmtpClientAuthenticationDisabled $false) or for the tenant"
              + " (Set-TransportConfig -SmtpClientAuthenticationDisabled $false)";
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
