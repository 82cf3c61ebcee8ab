package org.tlsuplift.server.graph;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.server.https.HttpsResponse;

/**
 * Graph did not do what it was asked. The message is a line like a reply of SMTP: code, enhanced
 * status code (RFC 3463), what Graph said, and a remedy.
 */
final class GraphException extends Exception {
  private static final long serialVersionUID = 1;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_TEXT = 150;
  private static final Duration LONGEST = Duration.ofHours(1);

  private static final String ACCESS =
      "give the application Mail.Send and Mail.ReadWrite for this mailbox: tls-uplift tenant setup --graph; a change needs up to two hours";
  private static final String MAILBOX =
      "check that the mailbox exists in this tenant, with a licence for Exchange Online";
  private static final String SIZE =
      "the tenant's limit for a message is 35 MB by default: send less, or raise it";
  private static final String BUSY = "no action: the message is sent later";

  /** What a code of Graph means for a message. */
  private record Known(boolean permanent, String reply, String remedy) {}

  private static final Known DENIED = new Known(false, "454 4.7.0", ACCESS);
  private static final Known NO_MAILBOX = new Known(false, "450 4.2.1", MAILBOX);
  private static final Known TOO_LARGE = new Known(true, "552 5.3.4", SIZE);
  private static final Known MALFORMED =
      new Known(true, "554 5.6.0", "check how the device builds its messages");
  private static final Known THROTTLED = new Known(false, "432 4.3.2", BUSY);

  /** An administrator can mend what is not permanent, until the message's time has ended. */
  private static final Map<String, Known> KNOWN =
      Map.ofEntries(
          Map.entry("ErrorAccessDenied", DENIED),
          Map.entry("AccessDenied", DENIED),
          Map.entry("Authorization_RequestDenied", DENIED),
          Map.entry(
              "ErrorSendAsDenied",
              new Known(
                  true,
                  "554 5.2.252",
                  "use the mailbox as sender in the device, or give it SendAs for this sender")),
          Map.entry("ErrorInvalidUser", NO_MAILBOX),
          Map.entry("Request_ResourceNotFound", NO_MAILBOX),
          Map.entry("ResourceNotFound", NO_MAILBOX),
          Map.entry("ErrorNonExistentMailbox", NO_MAILBOX),
          Map.entry("MailboxNotEnabledForRESTAPI", NO_MAILBOX),
          Map.entry("ErrorMessageSizeExceeded", TOO_LARGE),
          Map.entry("ErrorAttachmentSizeLimitExceeded", TOO_LARGE),
          Map.entry(
              "ErrorInvalidRecipients",
              new Known(true, "550 5.1.3", "correct the addresses in the device")),
          Map.entry("ErrorMimeContentInvalid", MALFORMED),
          Map.entry("ErrorMimeContentInvalidBase64String", MALFORMED),
          Map.entry(
              "ErrorMessageSubmissionBlocked",
              new Known(
                  false,
                  "450 4.7.0",
                  "release the mailbox under Restricted entities, and find out what it sent")),
          Map.entry(
              "ErrorExceededMessageLimit",
              new Known(
                  false,
                  "452 4.2.2",
                  "the limit is 10,000 recipients a day: use more mailboxes")),
          Map.entry("MailboxConcurrency", THROTTLED),
          Map.entry("ApplicationThrottled", THROTTLED),
          Map.entry("TooManyRequests", THROTTLED));

  private final int status;
  private final boolean permanent;
  private final transient @Nullable Duration retryAfter;

  private GraphException(
      int status, boolean permanent, @Nullable Duration retryAfter, String message) {
    super(ShortText.printable(message));
    this.status = status;
    this.permanent = permanent;
    this.retryAfter = retryAfter;
  }

  /** There was no token or no response; try again. */
  static GraphException temporary(String why) {
    return new GraphException(0, false, null, "451 4.4.1 " + why);
  }

  /** A response that is no success. */
  static GraphException of(HttpsResponse response, Clock clock) {
    int status = response.status();
    String code = "";
    String text = "";
    if (read(response.body()).get("error") instanceof Map<?, ?> error) {
      code = String.valueOf(error.get("code"));
      text = String.valueOf(error.get("message"));
    }
    Known known = KNOWN.getOrDefault(code, byStatus(status));
    // The server's own faults pass, whatever it calls them.
    boolean permanent = known.permanent() && status < 500;
    return new GraphException(
        status,
        permanent,
        retryAfter(response.headers().get("Retry-After"), clock),
        "%s Microsoft Graph: %d %s%s; %s"
            .formatted(
                known.reply(),
                status,
                ShortText.cut(code, MAX_TEXT),
                text.isEmpty() ? "" : ": " + ShortText.cut(text, MAX_TEXT),
                known.remedy()));
  }

  private static Known byStatus(int status) {
    return switch (status) {
      case 401 ->
          new Known(false, "454 4.7.0", "check the application with 'tls-uplift doctor'");
      case 403 -> DENIED;
      case 404 -> NO_MAILBOX;
      case 413 -> TOO_LARGE;
      case 429 -> THROTTLED;
      default ->
          status >= 500
              ? new Known(false, "451 4.3.0", BUSY)
              : new Known(
                  false, "451 4.0.0", "look the code up in Microsoft's list of Graph errors");
    };
  }

  private static @Nullable Duration retryAfter(@Nullable List<String> header, Clock clock) {
    String text = header == null || header.isEmpty() ? "" : header.get(0).strip();
    try {
      Duration wait =
          text.matches("[0-9]{1,9}")
              ? Duration.ofSeconds(Long.parseLong(text))
              : Duration.between(
                  clock.instant(),
                  ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
      return wait.isNegative() ? null : wait.compareTo(LONGEST) > 0 ? LONGEST : wait;
    } catch (DateTimeException none) {
      return null;
    }
  }

  /** The fields of a JSON object; none if it is something else. */
  static Map<String, @Nullable Object> read(String body) {
    try {
      return JSON.readerForMapOf(Object.class).readValue(body);
    } catch (JsonProcessingException | IllegalArgumentException other) {
      return Map.of();
    }
  }

  /** The status of the response; 0 without one, so that Graph may have done it. */
  int status() {
    return status;
  }

  /** Whether another attempt is of no use. */
  boolean isPermanent() {
    return permanent;
  }

  @Nullable Duration retryAfter() {
    return retryAfter;
  }

  /** The line. */
  String reply() {
    return String.valueOf(getMessage());
  }
}
