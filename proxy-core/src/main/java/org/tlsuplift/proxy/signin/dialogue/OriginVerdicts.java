package org.tlsuplift.proxy.signin.dialogue;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.tlsuplift.proxy.mail.MailText;
import org.tlsuplift.proxy.mail.OriginReplies;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.proxy.signin.dialogue.XoauthStep.Refusal;

/**
 * Interprets an origin's last reply to a sign-in. Stateless.
 *
 * @param mechanism the SASL mechanism, for the detail
 * @param secrets texts to remove from the detail, because the origin may repeat them
 */
record OriginVerdicts(MailProtocol protocol, String mechanism, List<String> secrets) {
  /** A text that may be a token or a part of one: no word and no host label has 40 characters. */
  private static final Pattern OPAQUE = Pattern.compile("[A-Za-z0-9+/_=-]{40,}");

  /** Temporary refusals: RFC 5530 for IMAP, RFC 2449 and RFC 3206 for POP3. */
  private static final Pattern PASSING =
      Pattern.compile(
          "\\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG|OVERQUOTA|SYS/TEMP|IN-USE|LOGIN-DELAY)[\\] ]|TOO MANY"
              + "|THROTTL");

  /** Refusals that a new token does not help. */
  private static final Set<OriginReply> PERMANENT_REPLIES =
      Set.of(
          OriginReply.HVE_WRONG_PERMISSION,
          OriginReply.HVE_NOT_HVE_ACCOUNT,
          OriginReply.MAILBOX_NOT_CONNECTED);

  XoauthStep of(List<String> reply) {
    String last = reply.get(reply.size() - 1);
    String upper = last.toUpperCase(Locale.ROOT);
    boolean taken =
        switch (protocol) {
          case SMTP -> upper.startsWith("235");
          case IMAP -> statusOf(upper).startsWith("OK");
          case POP3 -> upper.startsWith("+OK");
        };
    if (taken) {
      return new XoauthStep.SignedIn(reply);
    }
    OriginReply known = OriginReplies.recognise(protocol, last).orElse(null);
    Refusal refusal = protocol == MailProtocol.SMTP ? smtp(upper) : mailbox(upper);
    boolean lasting =
        refusal == Refusal.TOKEN && known != null && PERMANENT_REPLIES.contains(known);
    return new XoauthStep.Refused(lasting ? Refusal.LASTING : refusal, detail(last), known);
  }

  /** The step after a challenge that the mechanism does not have. */
  XoauthStep unexpectedChallenge() {
    return new XoauthStep.Refused(
        Refusal.LASTING, "the origin's reply to " + mechanism + " is one challenge too many", null);
  }

  private static Refusal smtp(String reply) {
    if (reply.startsWith("432")) {
      return Refusal.MAILBOX_BUSY;
    }
    if (reply.startsWith("4")) {
      return Refusal.PASSING;
    }
    // If SMTP AUTH is disabled for the mailbox or the tenant, a new token does not help.
    return reply.startsWith("535") && !reply.contains("5.7.139") ? Refusal.TOKEN : Refusal.LASTING;
  }

  private Refusal mailbox(String reply) {
    if (PASSING.matcher(reply).find() || reply.startsWith("* BYE")) {
      return Refusal.PASSING;
    }
    boolean no =
        protocol == MailProtocol.IMAP ? statusOf(reply).startsWith("NO") : reply.startsWith("-ERR");
    return no ? Refusal.TOKEN : Refusal.LASTING;
  }

  /** The text after the tag. */
  private static String statusOf(String reply) {
    return reply.startsWith("* ") ? "" : reply.substring(reply.indexOf(' ') + 1);
  }

  private String detail(String line) {
    String censored = line;
    for (String secret : secrets) {
      censored = secret.isEmpty() ? censored : censored.replace(secret, "...");
    }
    return "the origin's reply to %s is '%s'"
        .formatted(mechanism, OPAQUE.matcher(MailText.printable(censored)).replaceAll("..."));
  }
}
