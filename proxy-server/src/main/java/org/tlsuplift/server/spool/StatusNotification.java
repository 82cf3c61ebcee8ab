package org.tlsuplift.server.spool;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.mail.MessageEnvelope;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.server.mail.OutgoingMessage;

/**
 * Makes delivery status notifications (RFC 3464): for people, for programs, and with the header of
 * the message. They are plain ASCII.
 *
 * <p>They leave as the message did, through its account and its listener, or another one if that is
 * gone, with the null sender. The field From has the mailbox, because Exchange Online refuses other
 * addresses.
 */
final class StatusNotification {
  private static final Pattern STATUS = Pattern.compile("\\b[45]\\.[0-9]{1,3}\\.[0-9]{1,3}\\b");

  /** The header of the message, which may have anything, replaces the character NUL. */
  private static final String TEXT =
      """
      From: TLS Uplift <%2$s>
      To: <%3$s>
      Subject: Undelivered mail of the device %4$s
      Date: %5$s
      Message-ID: <%1$s@tls-uplift.invalid>
      Auto-Submitted: auto-replied
      MIME-Version: 1.0
      Content-Type: multipart/report; report-type=delivery-status; boundary="%1$s"

      --%1$s
      Content-Type: text/plain; charset=us-ascii

      TLS Uplift on %6$s accepted a message, and could not deliver it to these
      recipients. It does not try again.

      %7$s
      The message is %9$s of %8$s.

      --%1$s
      Content-Type: message/delivery-status

      Reporting-MTA: dns; %6$s
      Arrival-Date: %8$s
      %10$s
      --%1$s
      Content-Type: text/rfc822-headers

      \0
      --%1$s--
      """;

  private static final String RECIPIENT =
      """

      Final-Recipient: %s; %s
      Action: failed
      Status: %s
      Diagnostic-Code: smtp; %s
      """;

  private StatusNotification() {}

  /**
   * @param failed the recipients that do not get the message, and why
   * @param header the header of the message, as on the wire
   * @param to gets the notification
   * @param listener through which it leaves
   * @param host this machine
   * @param keep how long the notification waits at most
   */
  static SpoolStore.Notice of(
      OutgoingMessage message,
      Map<String, String> failed,
      String header,
      String to,
      String listener,
      String host,
      Instant now,
      Duration keep) {
    MessageEnvelope envelope = message.envelope();
    StringBuilder people = new StringBuilder();
    StringBuilder programs = new StringBuilder();
    failed.forEach(
        (recipient, why) -> {
          Matcher status = STATUS.matcher(why);
          people.append("  ").append(ascii(recipient)).append(": ").append(ascii(why)).append('\n');
          programs.append(
              RECIPIENT.formatted(
                  ascii(recipient).equals(recipient) ? "rfc822" : "utf-8",
                  ascii(recipient),
                  status.find() ? "5" + status.group().substring(1) : "5.0.0",
                  ascii(why)));
        });
    String text =
        TEXT.formatted(
            UUID.randomUUID(),
            ascii(envelope.account().isEmpty() ? to : envelope.account()),
            ascii(to),
            envelope.device().getHostAddress(),
            date(now),
            host,
            people,
            date(message.accepted()),
            message.id(),
            programs);
    String data = text.replace("\n", "\r\n").replace("\0", header.replaceAll("[^\r\n\t -~]", "?"));
    String account = envelope.account();
    boolean utf8 = !ascii(to).equals(to);
    return new SpoolStore.Notice(
        new MessageEnvelope(listener, envelope.device(), account, "", List.of(to), utf8),
        data.getBytes(StandardCharsets.US_ASCII),
        keep);
  }

  static String date(Instant at) {
    return DateTimeFormatter.RFC_1123_DATE_TIME.format(at.atZone(ZoneOffset.UTC));
  }

  /** Characters outside ASCII as in RFC 6533 section 3; control characters as question marks. */
  private static String ascii(String text) {
    return text.codePoints()
        .mapToObj(
            each ->
                each < 0x80
                    ? ShortText.printable(Character.toString(each))
                    : "\\x{%X}".formatted(each))
        .collect(Collectors.joining());
  }
}
