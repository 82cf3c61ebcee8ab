package org.tlsuplift.server.config;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.LineEnds;
import org.tlsuplift.proxy.mail.MailPolicy;
import org.tlsuplift.proxy.mail.RewriteFrom;
import org.tlsuplift.server.config.binding.Form;
import org.tlsuplift.server.config.binding.Key;
import org.tlsuplift.server.config.binding.OfListener;
import org.tlsuplift.server.mail.MailAddresses;
import org.tlsuplift.server.spool.SpoolSection;

/**
 * The section {@code mail}, of all listeners or of one: the rules for messages. The limits are 0 if
 * they are not set.
 *
 * @param maximumSize in bytes
 * @param rewriteFrom null to keep the sender
 * @param spool null to keep no message
 */
public record MailConfig(
    @Key(form = MailAddresses.DeviceSender.class) List<String> allowedSenders,
    @Key(form = MailAddresses.Recipient.class) List<String> allowedRecipients,
    @Key(min = "1", max = "10000") int maximumRecipients,
    @Key(min = "1KB", max = "10GB", expected = "a size from 1KB to 10GB, such as 35MB")
        long maximumSize,
    @Key(min = "1", max = "1000000") int messagesPerHour,
    @Key(min = "1", max = "10000000") int recipientsPerDay,
    @Key(fallback = "false") LineEnds repairLineEnds,
    @Nullable Rewrite rewriteFrom,
    @Nullable SpoolSection spool) {
  public static final MailConfig NONE =
      new MailConfig(List.of(), List.of(), 0, 0, 0, 0, LineEnds.PASS, null, null);

  /** The sections that have rules about their listener. */
  List<OfListener> parts() {
    return spool == null ? List.of() : List.of(spool);
  }

  /** The rules for the core. */
  public MailPolicy policy() {
    return new MailPolicy(
        allowedSenders,
        allowedRecipients,
        maximumRecipients,
        maximumSize,
        messagesPerHour,
        recipientsPerDay,
        repairLineEnds,
        rewriteFrom == null
            ? null
            : new RewriteFrom(rewriteFrom.address, rewriteFrom.displayName, rewriteFrom.replyTo));
  }

  /**
   * The section {@code rewriteFrom}.
   *
   * @param address or {@link RewriteFrom#MAILBOX}
   * @param displayName null to keep the device's
   */
  public record Rewrite(
      @Key(required = true, form = NewSender.class) String address,
      @Key(form = DisplayName.class) @Nullable String displayName,
      @Key(fallback = "none") RewriteFrom.ReplyTo replyTo) {}

  /** The address of the new sender. */
  @Form.Rules(
      expected = MailAddresses.MAILBOX + ", or mailbox",
      schema = "{anyOf: [{const: mailbox}, " + MailAddresses.MAILBOX_SCHEMA + "]}")
  static final class NewSender implements Form<String> {
    @Override
    public String parse(String text) {
      return text.equals(RewriteFrom.MAILBOX) ? text : MailAddresses.mailbox(text);
    }
  }

  /** The name of the new sender. */
  @Form.Rules(
      expected = "keep, or 1 to 100 characters",
      schema =
          "{type: string, maxLength: 100, pattern: '^[^\\s\\u0000-\\u001f\\u007f-\\u009f]"
              + "([^\\u0000-\\u001f\\u007f-\\u009f]*[^\\s\\u0000-\\u001f\\u007f-\\u009f])?$'}")
  static final class DisplayName implements Form<String> {
    @Override
    public @Nullable String parse(String text) {
      if (text.equals("keep")) {
        return null;
      }
      if (text.length() > 100 || !text.equals(text.strip()) || !text.matches("[^\\p{Cntrl}]+")) {
        throw new IllegalArgumentException("");
      }
      return text;
    }
  }
}
