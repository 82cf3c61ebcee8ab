package org.tlsuplift.server.config.load;

import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.policy.LineEnds;
import org.tlsuplift.proxy.mail.policy.MailPolicy;
import org.tlsuplift.proxy.mail.policy.RewriteFrom;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.MailAddresses;
import org.tlsuplift.server.config.yaml.Section;
import org.tlsuplift.server.config.yaml.Sizes;
import org.tlsuplift.server.config.yaml.Words;

/** Reads {@code mail}: the rules for the messages of one listener, or of all. */
final class MailPolicyReader {
  private static final String SENDERS =
      "mail addresses, such as scanner@contoso.com, or \"@contoso.com\" for a whole domain";
  private static final String NAME = "keep, or 1 to 100 characters";
  private static final String NEW_SENDER = MailAddresses.MAILBOX + ", or mailbox";
  private static final String KEEP = "keep";
  private static final Words<LineEnds> LINE_ENDS = Words.of(LineEnds.values());
  private static final Words<RewriteFrom.ReplyTo> REPLY_TO = Words.of(RewriteFrom.ReplyTo.values());

  private static final int MAX_RECIPIENTS = 10_000;
  private static final int MAX_MESSAGES = 1_000_000;
  private static final int MAX_RECIPIENTS_PER_DAY = 10_000_000;
  private static final long MIN_SIZE = 1024;
  private static final long MAX_SIZE = 10L << 30;

  private MailPolicyReader() {}

  /**
   * The rules of a listener: its own, which replace those of all listeners. Null for none.
   *
   * @param ofAll the rules of listeners without their own
   */
  static @Nullable MailPolicy read(
      Section listener,
      ListenerConfig.Accept accept,
      ListenerConfig.Protocol protocol,
      @Nullable MailPolicy ofAll) {
    if (accept == ListenerConfig.Accept.FIXED
        && protocol != ListenerConfig.Protocol.SMTP
        && listener.clean("accept")
        && listener.clean("protocol")) {
      listener.refuse("mail", "it has rules for SMTP; write 'protocol: smtp', or remove the key");
      return null;
    }
    MailPolicy own = read(listener);
    return listener.has("mail") ? own : ofAll;
  }

  /** Null without the section. */
  static @Nullable MailPolicy read(Section owner) {
    Section section = owner.section("mail");
    if (!owner.has("mail")) {
      return null;
    }
    MailPolicy policy =
        new MailPolicy(
            section.list("allowedSenders", SENDERS, MailAddresses::deviceSender),
            section.list("allowedRecipients", SENDERS, MailAddresses::recipient),
            section.integer("maximumRecipients", 0, 1, MAX_RECIPIENTS),
            section
                .value(
                    "maximumSize", "a size from 1KB to 10GB, such as 35MB", MailPolicyReader::size)
                .orElse(0L),
            section.integer("messagesPerHour", 0, 1, MAX_MESSAGES),
            section.integer("recipientsPerDay", 0, 1, MAX_RECIPIENTS_PER_DAY),
            section.flagOrWord("repairLineEnds", LINE_ENDS).orElse(LineEnds.PASS),
            rewriteFrom(section));
    section.end();
    return policy;
  }

  private static @Nullable RewriteFrom rewriteFrom(Section mail) {
    Section section = mail.section("rewriteFrom");
    if (!mail.has("rewriteFrom")) {
      return null;
    }
    String address =
        section.required("address", NEW_SENDER, MailPolicyReader::newSender).orElse("");
    String name = section.value("displayName", NAME, MailPolicyReader::name).orElse(KEEP);
    RewriteFrom to =
        new RewriteFrom(
            address,
            name.equals(KEEP) ? null : name,
            section.word("replyTo", REPLY_TO).orElse(RewriteFrom.ReplyTo.NONE));
    section.end();
    return to;
  }

  private static String newSender(String text) {
    return text.equals(RewriteFrom.MAILBOX) ? text : MailAddresses.mailbox(text);
  }

  private static String name(String text) {
    if (text.length() > 100 || !text.equals(text.strip()) || !text.matches("[^\\p{Cntrl}]+")) {
      throw new IllegalArgumentException("");
    }
    return text;
  }

  private static long size(String text) {
    return Sizes.parse(text).stream()
        .filter(size -> size >= MIN_SIZE && size <= MAX_SIZE)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(""));
  }
}
