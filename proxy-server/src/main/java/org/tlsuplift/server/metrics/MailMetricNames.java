package org.tlsuplift.server.metrics;

import java.util.List;

/** The meters of mail: sign-ins, messages and mailboxes. See {@link MetricNames}. */
public final class MailMetricNames {
  private static final String LINE = "line";

  public static final MeterName ORIGIN_REPLIES =
      MeterName.counter(
          "tlsuplift.origin.replies",
          List.of(MetricNames.LISTENER, MetricNames.PROTOCOL, "reply"),
          "Sessions in which a mail origin sent a known refusal of Microsoft 365, by mail protocol"
              + " and reply; the log has the remedy.");

  public static final MeterName SIGN_INS =
      MeterName.counter(
          "tlsuplift.sign.ins",
          List.of(MetricNames.LISTENER, MetricNames.OUTCOME),
          "Sign-ins of devices, by outcome; the log has the remedy.");

  public static final MeterName ACCOUNTS =
      MeterName.gauge(
          "tlsuplift.accounts",
          "Accounts for device sign-in, from the configuration and signIn.accountsFile.");

  public static final MeterName ACCOUNTS_FILE_BAD =
      MeterName.gauge(
          "tlsuplift.accounts.file.bad",
          "1 while signIn.accountsFile has errors, or instances cannot share it, and the previous"
              + " accounts are in use, otherwise 0.");

  public static final MeterName TOKEN_REQUESTS =
      MeterName.counter(
          "tlsuplift.token.requests",
          List.of(MetricNames.TENANT, MetricNames.OUTCOME),
          "Token requests to the identity platform, by tenant and outcome.");

  public static final MeterName TOKENS =
      MeterName.gauge(
          "tlsuplift.tokens",
          List.of(MetricNames.TENANT, "state"),
          "Tokens for mailboxes, by tenant and state: usable or missing. One token serves all"
              + " mailboxes if the application signs in by itself.");

  public static final MeterName TOKEN_EXPIRY =
      MeterName.gauge(
          "tlsuplift.token.expiry.seconds",
          List.of(MetricNames.TENANT),
          "When the first usable token of a tenant expires, in seconds since the Unix epoch, or 0"
              + " without a token; subtract time() for the seconds left. It is renewed some minutes"
              + " earlier.");

  public static final MeterName GRAPH_REQUESTS =
      MeterName.counter(
          "tlsuplift.graph.requests",
          List.of("result"),
          "Requests to Microsoft Graph and its uploads, by the status of the response.");

  public static final MeterName GRAPH_DUPLICATES =
      MeterName.counter(
          "tlsuplift.graph.duplicates",
          List.of(),
          "Sends by Microsoft Graph without a usable response and without proof of their outcome."
              + " The message is sent again, so its recipients may get it twice.");

  public static final MeterName MESSAGE_REFUSALS =
      MeterName.counter(
          "tlsuplift.message.refusals",
          List.of(MetricNames.LISTENER, "reason"),
          "Messages and recipients that this proxy refused, by the rule of the listener, the"
              + " account or the mailbox.");

  public static final MeterName MESSAGES =
      MeterName.counter(
          "tlsuplift.messages",
          List.of(MetricNames.LISTENER, MetricNames.OUTCOME),
          "Messages that devices began, by outcome: accepted, deferred or rejected by the origin,"
              + " refused or kept (waiting) by this proxy, or abandoned.");

  public static final MeterName MESSAGE_SIZE =
      MeterName.sizes(
          "tlsuplift.message.size.bytes",
          List.of(MetricNames.LISTENER),
          "Size of messages, as devices sent them, whatever their outcome; without messages that"
              + " ended before their data.");

  public static final MeterName SILENT_SENDERS =
      MeterName.gauge(
          "tlsuplift.silent.senders",
          "Devices that sent mail regularly and have stopped; counted from the inventory every 5"
              + " minutes, or less often if it is large. 'tls-uplift messages --silent' lists"
              + " them.");

  public static final MeterName SILENT_SENDERS_ACKNOWLEDGED =
      MeterName.gauge(
          "tlsuplift.silent.senders.acknowledged",
          "Devices in tlsuplift_silent_senders that an operator has acknowledged on the page"
              + " Messages.");

  public static final MeterName MESSAGES_REPAIRED =
      MeterName.counter(
          "tlsuplift.messages.repaired",
          List.of(MetricNames.LISTENER),
          "Messages in which this proxy turned bare CRs or LFs into CRLF (mail.repairLineEnds).");

  public static final MeterName MAILBOX_SESSIONS =
      MeterName.gauge(
          "tlsuplift.mailbox.sessions",
          "Open SMTP sessions of signed-in devices, over all mailboxes.");

  public static final MeterName MAILBOX_WAITING =
      MeterName.gauge(
          "tlsuplift.mailbox.waiting",
          "Devices that wait for their mailbox to accept a session or a message.");

  public static final MeterName MAILBOX_WAIT_TIME =
      MeterName.timer(
          "tlsuplift.mailbox.waits.seconds",
          List.of(LINE),
          "Waiting time of devices for their mailbox, including devices that did not wait, but not"
              + " refused devices.");

  public static final MeterName MAILBOX_REFUSALS =
      MeterName.counter(
          "tlsuplift.mailbox.refusals",
          List.of(LINE, "cause"),
          "Devices that must try again later, because their mailbox stayed at a session or message"
              + " limit (signIn.limits).");

  public static final MeterName ACCESS_LOST =
      MeterName.gauge(
          "tlsuplift.access.lost",
          "Mailboxes, each for each protocol, that Microsoft 365 refused in the latest two daily checks of"
              + " this instance.");

  private MailMetricNames() {}
}
