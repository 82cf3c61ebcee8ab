package org.tlsuplift.proxy.outcome;

import org.jspecify.annotations.Nullable;

/**
 * The refusals of Microsoft 365 that an operator can act on.
 *
 * <p>Microsoft documents the codes and causes (Exchange Online: SMTP AUTH client submission,
 * non-delivery reports, "Fix issues with printers, scanners, and LOB applications"). The texts come
 * from these pages and from published transcripts. One code can have several causes, which only the
 * text tells apart; a cause that shares its code has a suffix in its label.
 */
public enum OriginReply implements Outcome {
  /** The connection used TLS 1.0 or 1.1. */
  TLS_TOO_OLD(
      "421 4.7.66",
      "TLS is too old",
      "look for another proxy or firewall on the way that opens TLS",
      "",
      Alert.ORIGIN_SAYS_TLS_TOO_OLD),
  /** Code 421 4.7.66 with another text: reported for blocked addresses and domains. */
  CONNECTION_BLOCKED(
      "421 4.7.66 blocked",
      "the address or domain may be blocked",
      "read the reply's text in the device: your public address or domain may be blocked"),
  /** TLS 1.0 or 1.1 on {@code smtp-legacy}, which the tenant has not allowed. */
  LEGACY_TLS_NOT_ALLOWED(
      "5.7.67",
      "TLS is too old",
      "look for another proxy or firewall on the way that opens TLS",
      "",
      Alert.ORIGIN_SAYS_TLS_TOO_OLD),

  /** SMTP AUTH is off for the mailbox or the tenant; also a text that is not known. */
  SMTP_AUTH_DISABLED(
      "535 5.7.139",
      "SMTP AUTH is switched off",
      "run Set-CASMailbox MAILBOX -SmtpClientAuthenticationDisabled $false; check security defaults",
      "run Set-CASMailbox MAILBOX -SmtpClientAuthenticationDisabled $false",
      Alert.BASIC_AUTH_IS_OFF),
  CREDENTIALS_INCORRECT(
      "535 5.7.139 credentials",
      "name or password is wrong",
      "check user name and password in the device; with MFA, a password is not enough",
      Remedies.DOCTOR),
  /** A policy of the tenant, or passwords have ended. */
  BASIC_AUTH_DISABLED(
      "535 5.7.139 basic-auth",
      "a policy of the tenant refuses passwords",
      "set AllowBasicAuthSmtp in the account's authentication policy, or use 'signIn' (OAuth)",
      Remedies.DOCTOR,
      Alert.BASIC_AUTH_IS_OFF),
  CONDITIONAL_ACCESS(
      "535 5.7.139 conditional-access",
      "Conditional Access refuses the sign-in",
      "exclude the account from the Conditional Access policy, or use 'signIn'",
      "exclude the application, or the user who signed in, from the Conditional Access policy",
      Alert.BASIC_AUTH_IS_OFF),
  SECURITY_DEFAULTS(
      "535 5.7.139 security-defaults",
      "security defaults refuse passwords",
      "replace security defaults by Conditional Access, or use 'signIn' (OAuth)",
      Remedies.DOCTOR,
      Alert.BASIC_AUTH_IS_OFF),
  /** The organization does not allow this type of authentication. */
  AUTH_TYPE_NOT_ALLOWED(
      "535 5.7.139 organization",
      "the organization refuses passwords",
      "set AllowBasicAuthSmtp in the account's authentication policy, or use 'signIn' (OAuth)",
      Remedies.DOCTOR,
      Alert.BASIC_AUTH_IS_OFF),
  /** The user name, the password or the token is wrong. */
  BAD_CREDENTIALS(
      "535 5.7.3",
      "name or password is wrong",
      "check user name and password in the device; with MFA, a password is not enough",
      Remedies.DOCTOR),
  /** The device sent mail without signing in. */
  NOT_AUTHENTICATED(
      "530 5.7.57",
      "the device did not sign in",
      "set user name and password in the device, or use a connector (port 25)",
      Remedies.DOCTOR),
  /** Microsoft has retired Basic authentication for SMTP AUTH. */
  BASIC_AUTH_RETIRED(
      "550 5.7.30",
      "passwords are no longer accepted",
      "use 'signIn' (OAuth), a connector with a client certificate, or High Volume Email",
      Remedies.DOCTOR,
      Alert.BASIC_AUTH_IS_OFF),
  MAILBOX_LOGON_FAILURE(
      "430 4.2.0",
      "the mailbox cannot be opened",
      "check the licence of the mailbox, and the permission of the account on it",
      Remedies.DOCTOR),
  INVALID_XOAUTH2(
      "501 5.5.124",
      "the XOAUTH2 data is malformed",
      "check how the device builds the XOAUTH2 data from user and token",
      "check the mailbox of the account: it must be one that the token is for"),
  /** High Volume Email: the XOAUTH2 data is malformed. */
  HVE_INVALID_XOAUTH2(
      "501 5.5.121-127",
      "the XOAUTH2 data is malformed",
      "check how the device builds the XOAUTH2 data from user and token",
      "check the mailbox of the account: it must be one that the token is for"),
  HVE_TOKEN_EXPIRES_SOON(
      "535 5.7.142",
      "the token expires soon",
      "check that the device renews its token in time, and that its clock is right",
      "no action: the next sign-in gets a new token; if it repeats, check this machine's clock"),
  HVE_TOKEN_EXPIRED(
      "535 5.7.143",
      "the token has expired",
      "check that the device renews its token in time, and that its clock is right",
      "no action: the next sign-in gets a new token; if it repeats, check this machine's clock"),
  /** High Volume Email: the token has another permission than {@code Mail.Send}. */
  HVE_WRONG_PERMISSION(
      "535 5.7.144",
      "the token has the wrong permission",
      "the token needs the permission Mail.Send of Office 365 Exchange Online, with consent",
      "give the application the permission Mail.Send of Office 365 Exchange Online"),
  HVE_APPLICATION_NOT_ALLOWED(
      "550 5.7.240",
      "the application may not use the HVE account",
      "run Add-HVEAppAccess -Identity ACCOUNT -AppIds OBJECT_ID, and wait 5 minutes"),
  /** High Volume Email: MAIL FROM has another address than the account. */
  HVE_SENDER_NOT_ACCOUNT(
      "5.7.62",
      "the sender is not the HVE account",
      "set the sender in the device to the HVE account, or use 'mail.rewriteFrom' for it",
      "set 'mail.rewriteFrom: {address: mailbox}' on the listener"),
  /** High Volume Email: the field From has another address than the account. */
  HVE_FROM_NOT_ACCOUNT(
      "5.6.241",
      "the sender is not the HVE account",
      "set the sender in the device to the HVE account, or use 'mail.rewriteFrom' for it",
      "set 'mail.rewriteFrom: {address: mailbox}' on the listener"),
  /** High Volume Email: the user who signed in is no account of it. */
  HVE_NOT_HVE_ACCOUNT(
      "5.2.240",
      "the mailbox is no HVE account",
      "sign in with an account of High Volume Email: this mailbox is none"),

  /** The signed-in mailbox may not send as this sender. */
  SEND_AS_DENIED(
      "550 5.7.60",
      "the mailbox may not send as this sender",
      "use the signed-in mailbox as sender in the device, or grant it SendAs"),
  /** The signed-in mailbox may not send as this sender: the reply at the end of the message. */
  STORE_SEND_AS_DENIED(
      "554 5.2.252",
      "the mailbox may not send as this sender",
      "use the signed-in mailbox as sender in the device, or grant it SendAs"),
  /** The signed-in mailbox may not send as this sender: an older text of the reply. */
  OLD_SEND_AS_DENIED(
      "554 5.2.0 send-as-denied",
      "the mailbox may not send as this sender",
      "use the signed-in mailbox as sender in the device, or grant it SendAs"),
  /** The sender is blocked for suspicious mail. */
  SENDER_BLOCKED(
      "550 5.1.8",
      "the sender is blocked",
      "release the sender under Restricted entities, and find out what it sent"),
  RECIPIENT_UNKNOWN(
      "550 5.4.1",
      "the recipient does not exist",
      "correct the recipient's address in the device: it does not exist"),
  /** The recipient is in the tenant's block list. */
  RECIPIENT_BLOCKED(
      "550 5.7.703",
      "the tenant blocks the recipient",
      "remove the recipient from the Tenant Allow/Block List"),

  /** No connector matches the certificate or the address. */
  TENANT_ATTRIBUTION(
      "550 5.7.64",
      "no inbound connector matches",
      "make the connector name this certificate or public address, with an accepted domain"),
  /** The tenant refuses mail from its own domains without a connector. */
  DIRECT_SEND_REFUSED(
      "550 5.7.68",
      "the tenant rejects direct send",
      "use a connector with a client certificate, or sign in"),
  /** Exchange Online has blocked the connector for suspicious mail. */
  CONNECTOR_BLOCKED(
      "550 5.7.711",
      "Microsoft blocked the connector",
      "find out what was sent, then run Get-BlockedConnector and Remove-BlockedConnector"),
  /** The sender's domain is not an accepted domain of the tenant. */
  UNREGISTERED_DOMAIN(
      "550 5.7.750",
      "the sender's domain is not an accepted domain",
      "make the sender's domain an accepted domain, or change the sender in the device"),
  WRONG_REGION(
      "451 4.4.62",
      "the origin is in the wrong region",
      "set the origin to the host that Microsoft names for this tenant"),

  /** One mailbox has more simultaneous connections than the origin allows. */
  TOO_MANY_CONNECTIONS(
      "432 4.3.2",
      "too many sessions of one mailbox",
      "use more mailboxes if it repeats; some devices try again, others drop the scan"),
  /** A quota of the mailbox is used up, or the submission was refused by the store. */
  QUOTA_EXCEEDED(
      "554 5.2.0",
      "the mailbox's limit is reached",
      "the limit is 10,000 recipients a day: use more mailboxes, or a connector"),
  /** The tenant has sent to too many external recipients today. */
  TENANT_QUOTA_EXCEEDED(
      "550 5.7.233",
      "the tenant's limit is reached",
      "send to fewer recipients outside: the limit is for all mail of the tenant in 24 hours"),
  /** A trial or new tenant has sent to too many external recipients today. */
  TRIAL_QUOTA_EXCEEDED(
      "550 5.7.232",
      "the tenant's limit is reached",
      "send to fewer recipients outside: new and trial tenants have a lower limit"),
  /** The public address is throttled; also with 421. */
  SERVER_BUSY(
      "451 4.7.500",
      "Microsoft throttles the public address",
      "wait, and keep the same public address; a connector with a certificate helps"),
  /** The public address is on Microsoft's block list. */
  ADDRESS_BANNED(
      "550 5.7.606-649",
      "the public address is on a block list",
      "ask for removal of your public address at https://sender.office.com"),
  /** The sender or the public address is on Microsoft's block list. */
  SENDER_BANNED(
      "550 5.7.511",
      "the sender or public address is on a block list",
      "ask for removal at https://sender.office.com, or at the address in the reply"),
  ADDRESS_NOT_ACCEPTED(
      "550 5.7.708",
      "the public address is not accepted",
      "send from a public address of your own, or ask Microsoft support"),
  /** The tenant is blocked for spam. */
  TENANT_BLOCKED(
      "550 5.7.705",
      "the tenant is blocked for spam",
      "find out which account or connector sent spam, then ask Microsoft support"),

  /** IMAP or POP3 was used with TLS 1.0 or 1.1. */
  MAILBOX_TLS_TOO_OLD(
      "popimap_tls",
      "TLS is too old for IMAP and POP3",
      "look for another proxy or firewall on the way that opens TLS",
      "",
      Alert.ORIGIN_SAYS_TLS_TOO_OLD),
  /** IMAP or POP3 refuses the sign-in. */
  LOGIN_FAILED(
      "login failed",
      "the sign-in is refused",
      "check user name and password in the device; Microsoft 365 accepts only OAuth here",
      Remedies.DOCTOR),
  /** IMAP or POP3 refuses every password. */
  MAILBOX_BASIC_AUTH_DISABLED(
      "basic authentication disabled",
      "passwords are not accepted for IMAP and POP3",
      "use 'signIn' (OAuth): Microsoft 365 accepts no passwords for IMAP and POP3",
      Remedies.DOCTOR),
  /** IMAP or POP3 accepts the token, but not for this mailbox. */
  MAILBOX_NOT_CONNECTED(
      "authenticated but not connected",
      "the token is not for this mailbox, or the mailbox is closed",
      "check that the token is for this mailbox, and that IMAP or POP3 is enabled for it",
      "run Add-MailboxPermission for the application, and enable IMAP or POP3 for the mailbox");

  private static final class Remedies {
    static final String DOCTOR =
        "run 'tls-uplift doctor': it checks the application and the mailbox";
  }

  private final String label;
  private final String signInRemedy;

  @SuppressWarnings("ImmutableEnumChecker") // a record of texts and enums
  private final Facts facts;

  OriginReply(String label, String title, String remedy) {
    this(label, title, remedy, "");
  }

  OriginReply(String label, String title, String remedy, String signInRemedy) {
    this(label, title, remedy, signInRemedy, null);
  }

  /** An empty {@code signInRemedy} means that {@code remedy} applies to both. */
  OriginReply(
      String label, String title, String remedy, String signInRemedy, @Nullable Alert alert) {
    this.label = label;
    this.signInRemedy = signInRemedy.isEmpty() ? remedy : signInRemedy;
    facts = new Facts(Side.ORIGIN, Level.WARN, title, remedy, "", alert);
  }

  @Override
  public Facts facts() {
    return facts;
  }

  /**
   * The value of the metric label: the reply code and the enhanced status code (RFC 3463), and a
   * word for the cause if another refusal has the same code. The enhanced status code alone if
   * several reply codes have it, or if no source names the reply code.
   */
  @Override
  public String label() {
    return label;
  }

  /** Whether IMAP and POP3, which have no reply codes, have this refusal, and SMTP has not. */
  public boolean isOfMailbox() {
    return !Character.isDigit(label.charAt(0));
  }

  /** The remedy if this proxy signed in with a token in place of the device. */
  public String signInRemedy() {
    return signInRemedy;
  }
}
