package org.tlsuplift.proxy.model;

/** The remedies for {@link OriginReply}, each one line of at most 100 characters. */
final class ReplyRemedies {
  private static final String ENABLE_SMTP_AUTH =
      "run Set-CASMailbox MAILBOX -SmtpClientAuthenticationDisabled $false";
  private static final String GRANT_SEND_AS =
      "use the signed-in mailbox as sender in the device, or grant it SendAs";
  private static final String DOCTOR =
      "run 'tls-uplift doctor': it checks the application and the mailbox";
  private static final String NEW_TOKEN =
      "no action: the next sign-in gets a new token; if it repeats, check this machine's clock";

  private ReplyRemedies() {}

  static String of(OriginReply reply) {
    return switch (reply) {
      case TLS_TOO_OLD, LEGACY_TLS_NOT_ALLOWED, MAILBOX_TLS_TOO_OLD ->
          "look for another proxy or firewall on the way that opens TLS";
      case CONNECTION_BLOCKED ->
          "read the reply's text in the device: your public address or domain may be blocked";
      case SMTP_AUTH_DISABLED -> ENABLE_SMTP_AUTH + "; check security defaults";
      case CREDENTIALS_INCORRECT, BAD_CREDENTIALS ->
          "check user name and password in the device; with MFA, a password is not enough";
      case BASIC_AUTH_DISABLED, AUTH_TYPE_NOT_ALLOWED ->
          "set AllowBasicAuthSmtp in the account's authentication policy, or use 'signIn' (OAuth)";
      case CONDITIONAL_ACCESS ->
          "exclude the account from the Conditional Access policy, or use 'signIn'";
      case SECURITY_DEFAULTS ->
          "replace security defaults by Conditional Access, or use 'signIn' (OAuth)";
      case NOT_AUTHENTICATED ->
          "set user name and password in the device, or use a connector (port 25)";
      case BASIC_AUTH_RETIRED ->
          "use 'signIn' (OAuth), a connector with a client certificate, or High Volume Email";
      case MAILBOX_LOGON_FAILURE ->
          "check the licence of the mailbox, and the permission of the account on it";
      case INVALID_XOAUTH2, HVE_INVALID_XOAUTH2 ->
          "check how the device builds the XOAUTH2 data from user and token";
      case HVE_TOKEN_EXPIRES_SOON, HVE_TOKEN_EXPIRED ->
          "check that the device renews its token in time, and that its clock is right";
      case HVE_WRONG_PERMISSION ->
          "the token needs the permission Mail.Send of Office 365 Exchange Online, with consent";
      case HVE_APPLICATION_NOT_ALLOWED ->
          "run Add-HVEAppAccess -Identity ACCOUNT -AppIds OBJECT_ID, and wait 5 minutes";
      case HVE_SENDER_NOT_ACCOUNT, HVE_FROM_NOT_ACCOUNT ->
          "set the sender in the device to the HVE account, or use 'mail.rewriteFrom' for it";
      case HVE_NOT_HVE_ACCOUNT ->
          "sign in with an account of High Volume Email: this mailbox is none";
      case SEND_AS_DENIED, STORE_SEND_AS_DENIED, OLD_SEND_AS_DENIED -> GRANT_SEND_AS;
      case SENDER_BLOCKED ->
          "release the sender under Restricted entities, and find out what it sent";
      case RECIPIENT_UNKNOWN -> "correct the recipient's address in the device: it does not exist";
      case RECIPIENT_BLOCKED -> "remove the recipient from the Tenant Allow/Block List";
      case TENANT_ATTRIBUTION ->
          "make the connector name this certificate or public address, with an accepted domain";
      case DIRECT_SEND_REFUSED -> "use a connector with a client certificate, or sign in";
      case CONNECTOR_BLOCKED ->
          "find out what was sent, then run Get-BlockedConnector and Remove-BlockedConnector";
      case UNREGISTERED_DOMAIN ->
          "make the sender's domain an accepted domain, or change the sender in the device";
      case WRONG_REGION -> "set the origin to the host that Microsoft names for this tenant";
      case TOO_MANY_CONNECTIONS ->
          "use more mailboxes if it repeats; some devices try again, others drop the scan";
      case QUOTA_EXCEEDED ->
          "the limit is 10,000 recipients a day: use more mailboxes, or a connector";
      case TENANT_QUOTA_EXCEEDED ->
          "send to fewer recipients outside: the limit is for all mail of the tenant in 24 hours";
      case TRIAL_QUOTA_EXCEEDED ->
          "send to fewer recipients outside: new and trial tenants have a lower limit";
      case SERVER_BUSY ->
          "wait, and keep the same public address; a connector with a certificate helps";
      case ADDRESS_BANNED -> "ask for removal of your public address at https://sender.office.com";
      case SENDER_BANNED ->
          "ask for removal at https://sender.office.com, or at the address in the reply";
      case ADDRESS_NOT_ACCEPTED ->
          "send from a public address of your own, or ask Microsoft support";
      case TENANT_BLOCKED ->
          "find out which account or connector sent spam, then ask Microsoft support";
      case LOGIN_FAILED ->
          "check user name and password in the device; Microsoft 365 accepts only OAuth here";
      case MAILBOX_BASIC_AUTH_DISABLED ->
          "use 'signIn' (OAuth): Microsoft 365 accepts no passwords for IMAP and POP3";
      case MAILBOX_NOT_CONNECTED ->
          "check that the token is for this mailbox, and that IMAP or POP3 is enabled for it";
    };
  }

  static String afterSignIn(OriginReply reply) {
    return switch (reply) {
      case SMTP_AUTH_DISABLED -> ENABLE_SMTP_AUTH;
      case CREDENTIALS_INCORRECT,
          BASIC_AUTH_DISABLED,
          AUTH_TYPE_NOT_ALLOWED,
          SECURITY_DEFAULTS,
          BAD_CREDENTIALS,
          NOT_AUTHENTICATED,
          BASIC_AUTH_RETIRED,
          MAILBOX_LOGON_FAILURE,
          LOGIN_FAILED,
          MAILBOX_BASIC_AUTH_DISABLED ->
          DOCTOR;
      case CONDITIONAL_ACCESS ->
          "exclude the application, or the user who signed in, from the Conditional Access policy";
      case INVALID_XOAUTH2, HVE_INVALID_XOAUTH2 ->
          "check the mailbox of the account: it must be one that the token is for";
      case HVE_TOKEN_EXPIRES_SOON, HVE_TOKEN_EXPIRED -> NEW_TOKEN;
      case HVE_SENDER_NOT_ACCOUNT, HVE_FROM_NOT_ACCOUNT ->
          "set 'mail.rewriteFrom: {address: mailbox}' on the listener";
      case HVE_WRONG_PERMISSION ->
          "give the application the permission Mail.Send of Office 365 Exchange Online";
      case MAILBOX_NOT_CONNECTED ->
          "run Add-MailboxPermission for the application, and enable IMAP or POP3 for the mailbox";
      case TLS_TOO_OLD,
          CONNECTION_BLOCKED,
          LEGACY_TLS_NOT_ALLOWED,
          HVE_APPLICATION_NOT_ALLOWED,
          HVE_NOT_HVE_ACCOUNT,
          SEND_AS_DENIED,
          STORE_SEND_AS_DENIED,
          OLD_SEND_AS_DENIED,
          SENDER_BLOCKED,
          RECIPIENT_UNKNOWN,
          RECIPIENT_BLOCKED,
          TENANT_ATTRIBUTION,
          DIRECT_SEND_REFUSED,
          CONNECTOR_BLOCKED,
          UNREGISTERED_DOMAIN,
          WRONG_REGION,
          TOO_MANY_CONNECTIONS,
          QUOTA_EXCEEDED,
          TENANT_QUOTA_EXCEEDED,
          TRIAL_QUOTA_EXCEEDED,
          SERVER_BUSY,
          ADDRESS_BANNED,
          SENDER_BANNED,
          ADDRESS_NOT_ACCEPTED,
          TENANT_BLOCKED,
          MAILBOX_TLS_TOO_OLD ->
          of(reply);
    };
  }
}
