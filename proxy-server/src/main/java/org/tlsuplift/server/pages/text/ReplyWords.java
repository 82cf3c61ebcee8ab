package org.tlsuplift.server.pages.text;

import org.tlsuplift.proxy.model.OriginReply;

/** What a refusal of Microsoft 365 means, in a few words. */
final class ReplyWords {
  private ReplyWords() {}

  static String of(OriginReply reply) {
    return switch (reply) {
      case TLS_TOO_OLD, LEGACY_TLS_NOT_ALLOWED -> "TLS is too old";
      case CONNECTION_BLOCKED -> "the address or domain may be blocked";
      case SMTP_AUTH_DISABLED -> "SMTP AUTH is switched off";
      case CREDENTIALS_INCORRECT, BAD_CREDENTIALS -> "name or password is wrong";
      case BASIC_AUTH_DISABLED -> "a policy of the tenant refuses passwords";
      case CONDITIONAL_ACCESS -> "Conditional Access refuses the sign-in";
      case SECURITY_DEFAULTS -> "security defaults refuse passwords";
      case AUTH_TYPE_NOT_ALLOWED -> "the organization refuses passwords";
      case NOT_AUTHENTICATED -> "the device did not sign in";
      case BASIC_AUTH_RETIRED -> "passwords are no longer accepted";
      case MAILBOX_LOGON_FAILURE -> "the mailbox cannot be opened";
      case INVALID_XOAUTH2, HVE_INVALID_XOAUTH2 -> "the XOAUTH2 data is malformed";
      case HVE_TOKEN_EXPIRES_SOON -> "the token expires soon";
      case HVE_TOKEN_EXPIRED -> "the token has expired";
      case HVE_WRONG_PERMISSION -> "the token has the wrong permission";
      case HVE_APPLICATION_NOT_ALLOWED -> "the application may not use the HVE account";
      case HVE_SENDER_NOT_ACCOUNT, HVE_FROM_NOT_ACCOUNT -> "the sender is not the HVE account";
      case HVE_NOT_HVE_ACCOUNT -> "the mailbox is no HVE account";
      case SEND_AS_DENIED, STORE_SEND_AS_DENIED, OLD_SEND_AS_DENIED ->
          "the mailbox may not send as this sender";
      case SENDER_BLOCKED -> "the sender is blocked";
      case RECIPIENT_UNKNOWN -> "the recipient does not exist";
      case RECIPIENT_BLOCKED -> "the tenant blocks the recipient";
      case TENANT_ATTRIBUTION -> "no inbound connector matches";
      case DIRECT_SEND_REFUSED -> "the tenant rejects direct send";
      case CONNECTOR_BLOCKED -> "Microsoft blocked the connector";
      case UNREGISTERED_DOMAIN -> "the sender's domain is not an accepted domain";
      case WRONG_REGION -> "the origin is in the wrong region";
      case TOO_MANY_CONNECTIONS -> "too many sessions of one mailbox";
      case QUOTA_EXCEEDED -> "the mailbox's limit is reached";
      case TENANT_QUOTA_EXCEEDED, TRIAL_QUOTA_EXCEEDED -> "the tenant's limit is reached";
      case SERVER_BUSY -> "Microsoft throttles the public address";
      case ADDRESS_BANNED -> "the public address is on a block list";
      case SENDER_BANNED -> "the sender or public address is on a block list";
      case ADDRESS_NOT_ACCEPTED -> "the public address is not accepted";
      case TENANT_BLOCKED -> "the tenant is blocked for spam";
      case MAILBOX_TLS_TOO_OLD -> "TLS is too old for IMAP and POP3";
      case LOGIN_FAILED -> "the sign-in is refused";
      case MAILBOX_BASIC_AUTH_DISABLED -> "passwords are not accepted for IMAP and POP3";
      case MAILBOX_NOT_CONNECTED -> "the token is not for this mailbox, or the mailbox is closed";
    };
  }
}
