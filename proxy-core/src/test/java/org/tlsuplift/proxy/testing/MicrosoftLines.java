package org.tlsuplift.proxy.testing;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.tlsuplift.proxy.model.MailProtocol;

/**
 * The lines of Exchange Online, as published transcripts have them.
 *
 * <p>SMTP: logs of git-send-email and PHP programs against smtp.office365.com, 2025 and 2026. IMAP:
 * imapflow issue 392 and probes of 2026. POP3: probes of 2026. The host in a greeting is never the
 * name that was asked for.
 */
public final class MicrosoftLines {
  /** What POP3 replies to XOAUTH2 in one line, before it closes the connection. */
  public static final String POP3_ONE_LINE = "-ERR Protocol error. Connection is closed. 10";

  /** What SMTP replies at the end of a message if the mailbox has three sessions already. */
  public static final String TOO_MANY_CONNECTIONS =
      "432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending for"
          + " more information. [Hostname=P212321.PROD.OUTLOOK.COM]";

  /** What SMTP replies to a password if SMTP AUTH is off for the tenant. */
  public static final String SMTP_PASSWORD =
      "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant."
          + " Visit https://aka.ms/smtp_auth_disabled for more information.";

  /** What IMAP replies to a password, after the tag. */
  public static final String IMAP_PASSWORD = "NO Basic authentication is disabled.";

  /** What IMAP replies to a good token for a mailbox that it may not open, after the tag. */
  public static final String IMAP_CLOSED = "NO User is authenticated but not connected.";

  private static final String HOST = "SY5P282CA0097.outlook.office365.com";
  private static final String MAILBOX_HOST = "MN2PR12CA0007";

  private MicrosoftLines() {}

  public static String greeting(MailProtocol protocol) {
    return switch (protocol) {
      case SMTP ->
          "220 " + HOST + " Microsoft ESMTP MAIL Service ready at Wed, 25 Mar 2026 02:15:27 +0000";
      case IMAP -> "* OK The Microsoft Exchange IMAP4 service is ready. " + mailboxHost();
      case POP3 -> "+OK The Microsoft Exchange POP3 service is ready. " + mailboxHost();
    };
  }

  /** The name of a server in base64 of UTF-16, in brackets; never a CAPABILITY. */
  private static String mailboxHost() {
    byte[] name = MAILBOX_HOST.getBytes(StandardCharsets.UTF_16LE);
    return "[" + Base64.getEncoder().encodeToString(name) + "]";
  }

  /**
   * The lines of the reply to EHLO.
   *
   * @param secured whether TLS has started: then AUTH comes in place of STARTTLS, without PLAIN
   */
  public static List<String> ehlo(InetAddress peer, boolean secured) {
    return List.of(
        "250-" + HOST + " Hello [" + peer.getHostAddress() + "]",
        "250-SIZE 157286400",
        "250-PIPELINING",
        "250-DSN",
        "250-ENHANCEDSTATUSCODES",
        secured ? "250-AUTH LOGIN XOAUTH2" : "250-STARTTLS",
        "250-8BITMIME",
        "250-BINARYMIME",
        "250-CHUNKING",
        "250 SMTPUTF8");
  }

  /** The capabilities of IMAP. Over TLS they contain LOGINDISABLED, as passwords are refused. */
  public static String imapCapabilities(boolean secured, boolean initialResponse) {
    return "* CAPABILITY IMAP4 IMAP4rev1 "
        + (secured ? "AUTH=XOAUTH2" : "STARTTLS")
        + " LOGINDISABLED"
        + (initialResponse ? " SASL-IR" : "")
        + " UIDPLUS ID UNSELECT CHILDREN IDLE NAMESPACE LITERAL+";
  }

  /** The lines of the reply to CAPA. */
  public static List<String> pop3Capabilities(boolean secured) {
    List<String> lines = new ArrayList<>(List.of("+OK", "TOP", "UIDL"));
    lines.addAll(secured ? List.of("SASL PLAIN XOAUTH2", "USER") : List.of("STLS"));
    lines.add(".");
    return lines;
  }

  /** The reply to STARTTLS or STLS, after the tag. */
  public static String startTls(MailProtocol protocol) {
    return switch (protocol) {
      case SMTP -> "220 2.0.0 SMTP server ready";
      case IMAP -> "OK Begin TLS negotiation now.";
      case POP3 -> "+OK Begin TLS negotiation.";
    };
  }

  /** The reply to a good token, after the tag. */
  public static String signedIn(MailProtocol protocol) {
    return switch (protocol) {
      case SMTP -> "235 2.7.0 Authentication successful";
      case IMAP -> "OK AUTHENTICATE completed.";
      case POP3 -> "+OK User successfully authenticated.";
    };
  }

  /** The reply to a bad token, after the tag. */
  public static String badToken(MailProtocol protocol) {
    return switch (protocol) {
      case SMTP -> refusal("535 5.7.3 Authentication unsuccessful");
      case IMAP -> "NO AUTHENTICATE failed.";
      case POP3 -> "-ERR Authentication failure: unknown user name or bad password.";
    };
  }

  /** A refusal in SMTP, with host, time and id as Exchange Online appends them. */
  public static String refusal(String text) {
    return text
        + " [CH0PR13CA0024.namprd13.prod.outlook.com 2026-03-25T02:15:31.364Z 08DE7B2C0A0AF2A2]";
  }
}
