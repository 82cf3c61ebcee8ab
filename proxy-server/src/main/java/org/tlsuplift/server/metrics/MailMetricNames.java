package org.tlsuplift.server.metrics;

import java.util.List;

/** The meters of mail: sign-ins, messages and mailboxes. See {@link MetricNames}. */
final class MailMetricNames {
  private static final String LINE = "line";

  static final MeterName ORIGIN_REPLIES =
      new MeterName(
          "tlsuplift.origin.replies",
          List.of(MetricNames.LISTENER, MetricNames.PROTOCOL, "reply"),
          "Sessions in which a mail origin sent a known refusal of Microsoft 365, by mail protocol and reply; the log has the remedy.");

  static final MeterName SIGN_INS =
      new MeterName(
          "tlsuplift.sign.ins",
          List.of(MetricNames.LISTENER, MetricNames.OUTCOME),
          "Sign-ins of devices, by outcome; the log has the remedy.");

  static final MeterName ACCOUNTS =
      new MeterName(
          "tlsuplift.accounts",
          "Accounts for device sign-in, from the configuration and signIn.accountsFile.");

  static final MeterName ACCOUNTS_FILE_BAD =
      new MeterName(
          "tlsuplift.accounts.file.bad",
          "1 while signIn.accountsFile has errors, or instances cannot share it, and the previous accounts are in use, otherwise 0.");

  static final MeterName TOKEN_REQUESTS =
      new MeterName(
          "tlsuplift.token.requests",
          List.of(MetricNames.TENANT, MetricNames.OUTCOME),
          "Token requests to the identity platform, by tenant and outcome.");

  static final MeterName TOKENS =
      new MeterName(
          "tlsuplift.tokens",
          List.of(MetricNames.TENANT, "state"),
          "Tokens for mailboxes, by tenant and state: usable or missing. One token serves all mailboxes if the application signs in by itself.");

  static final MeterName TOKEN_EXPIRY =
      new MeterName(
          "tlsuplift.token.expiry.seconds",
          List.of(MetricNames.TENANT),
          "When the first usable token of a tenant expires, in seconds since the Unix epoch, or 0 without a token; subtract time() for the seconds left. It is renewed some minutes earlier.");

  static final MeterName MESSAGE_REFUSALS =
      new MeterName(
          "tlsuplift.message.refusals",
          List.of(MetricNames.LISTENER, "reason"),
          "Messages and recipients that this proxy refused, by the rule of the listener, the account or the mailbox.");

  static final MeterName MESSAGES =
      new MeterName(
          "tlsuplift.messages",
          List.of(MetricNames.LISTENER, MetricNames.OUTCOME),
          "Messages that devices began, by outcome: accepted, deferred or rejected by the origin, refused by this proxy, or abandoned.");

  static final MeterName MESSAGE_SIZE =
      new MeterName(
          "tlsuplift.message.size.bytes",
          List.of(MetricNames.LISTENER),
          "Size of messages, as devices sent them, whatever their outcome; without messages that ended before their data.");

  static final MeterName SILENT_SENDERS =
      new MeterName(
          "tlsuplift.silent.senders",
          "Devices that sent mail regularly and have stopped; counted from the inventory every 5 minutes, or less often if it is large. 'tls-uplift messages --silent' lists them.");

  static final MeterName MESSAGES_REPAIRED =
      new MeterName(
          "tlsuplift.messages.repaired",
          List.of(MetricNames.LISTENER),
          "Messages in which this proxy turned bare CRs or LFs into CRLF (mail.repairLineEnds).");

  static final MeterName MAILBOX_SESSIONS =
      new MeterName(
          "tlsuplift.mailbox.sessions",
          "Open SMTP sessions of signed-in devices, over all mailboxes.");

  static final MeterName MAILBOX_WAITING =
      new MeterName(
          "tlsuplift.mailbox.waiting",
          "Devices that wait for their mailbox to accept a session or a message.");

  static final MeterName MAILBOX_WAIT_TIME =
      new MeterName(
          "tlsuplift.mailbox.waits.seconds",
          List.of(LINE),
          "Waiting time of devices for their mailbox, including devices that did not wait, but not refused devices.");

  static final MeterName MAILBOX_REFUSALS =
      new MeterName(
          "tlsuplift.mailbox.refusals",
          List.of(LINE, "cause"),
          "Devices that must try again later, because their mailbox stayed at a session or message limit (signIn.limits).");

  private MailMetricNames() {}
}
