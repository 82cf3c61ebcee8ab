package org.tlsuplift.proxy.model;

/**
 * The refusals of Microsoft 365 that an operator can act on.
 *
 * <p>Codes and causes as Microsoft documents them (Exchange Online: SMTP AUTH client submission,
 * non-delivery reports, "Fix issues with printers, scanners, and LOB applications").
 */
public enum OriginReply {
  /** The connection used TLS 1.0 or 1.1. */
  TLS_TOO_OLD(
      "421 4.7.66",
      "the origin was reached with TLS below 1.2, so not by this proxy alone: look for another proxy or firewall behind it that"
          + " opens TLS"),
  /** SMTP AUTH is switched off, or Basic authentication is blocked. */
  SMTP_AUTH_DISABLED(
      "535 5.7.139",
      "switch SMTP AUTH on for the mailbox (Set-CASMailbox -SmtpClientAuthenticationDisabled $false) and the tenant, and look for security"
          + " defaults or a Conditional Access policy that blocks Basic authentication"),
  /** Name or password, or the token, is wrong. */
  BAD_CREDENTIALS(
      "535 5.7.3",
      "check user name and password in the device; an account with multi-factor authentication cannot sign in with its password"),
  /** Mail was sent without signing in. */
  NOT_AUTHENTICATED(
      "530 5.7.57",
      "the device did not sign in: set user name and password in it, or use a connector (port 25 with a client certificate)"),
  /** Basic authentication has been retired for SMTP AUTH. */
  BASIC_AUTH_RETIRED(
      "550 5.7.30",
      "Microsoft no longer takes passwords for SMTP AUTH here: use a connector with a client certificate, or High Volume Email for internal"
          + " recipients; an administrator may still be able to switch it on again"),
  /** The signed-in mailbox may not send as this sender. */
  SEND_AS_DENIED(
      "550 5.7.60",
      "set the sender address in the device to that of the signed-in mailbox, or grant it SendAs (Add-RecipientPermission)"),
  /** No connector matches the certificate or the address. */
  TENANT_ATTRIBUTION(
      "550 5.7.64",
      "no inbound connector matches: check that the client certificate's domain or the sender's domain is an accepted domain, and that the"
          + " connector names this certificate or this site's public address"),
  /** The tenant refuses mail in its own name without a connector. */
  DIRECT_SEND_REFUSED(
      "550 5.7.68",
      "the tenant rejects direct send: use a connector with a client certificate, or sign in"),
  /** One mailbox has more simultaneous connections than the origin allows. */
  TOO_MANY_CONNECTIONS(
      "432 4.3.2",
      "too many sessions of one mailbox at once (Microsoft takes 3): the device tries again by itself; spread devices over mailboxes if it goes"
          + " on"),
  MAILBOX_LOGON_FAILURE(
      "430 4.2.0",
      "the mailbox could not be opened: check its licence, and the permission of the account or application on it"),
  /** A quota of the mailbox is used up, or the submission was refused by the store. */
  QUOTA_EXCEEDED(
      "554 5.2.0",
      "the mailbox's limit is reached (10,000 recipients a day), or it may not send as this sender; the text in the device's report says"
          + " which"),
  INVALID_XOAUTH2(
      "501 5.5.124",
      "the XOAUTH2 data is malformed: check how the device builds it from user and token"),
  /** The sender is blocked for suspicious mail. */
  SENDER_BLOCKED(
      "550 5.1.8",
      "Microsoft blocked this sender for sending suspicious mail: release it under Restricted entities, and find out what it sent"),
  WRONG_REGION(
      "451 4.4.62",
      "mail came to the wrong region: set the origin to the host that Microsoft names for this tenant"),
  /** IMAP or POP3 was used with TLS 1.0 or 1.1. */
  MAILBOX_TLS_TOO_OLD("popimap_tls", TLS_TOO_OLD.remedy()),
  /** IMAP or POP3 refuses the sign-in. */
  LOGIN_FAILED(
      "login failed",
      "check user name and password in the device; Microsoft 365 takes no passwords for IMAP and POP3 any more, only OAuth tokens");

  private static final String TOKEN_REFUSED =
      "'tls-uplift doctor' walks the chain: the application needs SMTP.SendAsApp, IMAP.AccessAsApp or POP.AccessAsApp with an"
          + " administrator's consent, a service principal in Exchange Online by the object id of the enterprise application"
          + " (New-ServicePrincipal), and FullAccess on the mailbox (Add-MailboxPermission)";

  private final String label;
  private final String remedy;

  OriginReply(String label, String remedy) {
    this.label = label;
    this.remedy = remedy;
  }

  /** The value of the metric tag: the reply code and the enhanced status code (RFC 3463). */
  public String label() {
    return label;
  }

  /** What an operator can do about it, in one line. */
  public String remedy() {
    return remedy;
  }

  /** The same if this proxy signed in, by a token, and not the device. */
  public String signInRemedy() {
    return switch (this) {
      case BAD_CREDENTIALS, LOGIN_FAILED, NOT_AUTHENTICATED, MAILBOX_LOGON_FAILURE -> TOKEN_REFUSED;
      case INVALID_XOAUTH2 ->
          "check the mailbox in the account: it must be an address that the token may be used for";
      case SMTP_AUTH_DISABLED ->
          "switch SMTP AUTH on for the mailbox (Set-CASMailbox -SmtpClientAuthenticationDisabled $false) or for the tenant"
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
