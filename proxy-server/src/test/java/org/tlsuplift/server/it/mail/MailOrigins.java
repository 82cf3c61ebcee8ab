package org.tlsuplift.server.it.mail;

import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.peer.Mail;

/** Mail servers that do something wrong, one for each protocol. */
final class MailOrigins {
  private MailOrigins() {}

  static ScriptedOrigin withoutTls(Lab lab, Mail mail) {
    return start(lab, mail, "", "");
  }

  /** Offers TLS and then refuses it. */
  static ScriptedOrigin refusingTls(Lab lab, Mail mail) {
    return switch (mail) {
      case SMTP -> start(lab, mail, "STARTTLS", "454 4.7.0 TLS not available\r\n");
      case IMAP -> start(lab, mail, "STARTTLS", "%t NO TLS not available\r\n");
      case POP3 -> start(lab, mail, "STLS", "-ERR TLS not available\r\n");
    };
  }

  /** Sends more in plaintext behind its consent to TLS. */
  static ScriptedOrigin injecting(Lab lab, Mail mail) {
    return switch (mail) {
      case SMTP -> start(lab, mail, "STARTTLS", "220 go on\r\n250 injected\r\n");
      case IMAP -> start(lab, mail, "STARTTLS", "%t OK go on\r\n* OK injected\r\n");
      case POP3 -> start(lab, mail, "STLS", "+OK go on\r\n+OK injected\r\n");
    };
  }

  /** Refuses everybody in its greeting. */
  static ScriptedOrigin refusing(Lab lab, Mail mail) {
    return switch (mail) {
      case SMTP -> script(lab, "554 5.7.1 not today\r\n");
      case IMAP -> script(lab, "* BYE not today\r\n");
      case POP3 -> script(lab, "-ERR not today\r\n");
    };
  }

  /** Accepts connections and says nothing. */
  static ScriptedOrigin silent(Lab lab) {
    return script(lab, "");
  }

  /** Never ends its first line. */
  static ScriptedOrigin endless(Lab lab, Mail mail) {
    String start = mail == Mail.IMAP ? "* OK " : mail == Mail.POP3 ? "+OK " : "220 ";
    return script(lab, start + "x".repeat(1 << 20));
  }

  /** Refuses TLS, and has a secret in all that it says. */
  static ScriptedOrigin talkative(Lab lab, Mail mail, String secret) {
    return switch (mail) {
      case SMTP ->
          script(
              lab,
              "220 " + secret + " ESMTP\r\n",
              "EHLO",
              "250-" + secret + "\r\n250 STARTTLS\r\n",
              "STARTTLS",
              "454 4.7.0 " + secret + "\r\n");
      case IMAP ->
          script(
              lab,
              "* OK [CAPABILITY IMAP4rev1 STARTTLS] " + secret + "\r\n",
              "",
              "%t NO " + secret + "\r\n");
      case POP3 -> script(lab, "+OK " + secret + "\r\n", "", "-ERR " + secret + "\r\n");
    };
  }

  private static ScriptedOrigin start(Lab lab, Mail mail, String command, String reply) {
    String offer = command.isEmpty() ? "X-NOTHING" : command;
    String never = command.isEmpty() ? "\0" : command;
    return switch (mail) {
      case SMTP ->
          script(
              lab,
              "220 localhost ESMTP\r\n",
              "EHLO",
              "250-localhost\r\n250-SIZE 1000\r\n250 " + offer + "\r\n",
              never,
              reply,
              "QUIT",
              "221 bye\r\n");
      case IMAP ->
          script(
              lab,
              "* OK [CAPABILITY IMAP4rev1 " + offer + "] ready\r\n",
              "CAPABILITY",
              "* CAPABILITY IMAP4rev1 " + offer + "\r\n%t OK done\r\n",
              never,
              reply,
              "LOGOUT",
              "* BYE\r\n%t OK done\r\n");
      case POP3 ->
          script(
              lab,
              "+OK ready\r\n",
              "CAPA",
              "+OK\r\nUSER\r\n" + offer + "\r\n.\r\n",
              never,
              reply,
              "QUIT",
              "+OK bye\r\n");
    };
  }

  private static ScriptedOrigin script(Lab lab, String greeting, String... commandsAndReplies) {
    return ScriptedOrigin.start(lab, new OriginScript(greeting, commandsAndReplies));
  }
}
