package org.tlsuplift.server.graph;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.server.https.HttpsResponse;

/**
 * Graph did not do what it was asked. The message is a line like a reply of SMTP: code, enhanced
 * status code (RFC 3463), what Graph said, and a remedy.
 */
final class GraphException extends IOException {
  private static final long serialVersionUID = 1;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_TEXT = 150;
  private static final long MAX_WAIT = Duration.ofHours(1).toSeconds();

  /**
   * The codes of errors and then statuses, their reply, and the remedy. Only a reply with 5 ends a
   * message: an administrator can mend the others, until the message's time has ended.
   */
  private static final Map<String, List<String>> KNOWN =
      """
      ErrorAccessDenied AccessDenied Authorization_RequestDenied 403|454 4.7.0|give the application Mail.Send and Mail.ReadWrite for this mailbox (tls-uplift-tenant-setup.ps1 -Part Exchange -Graph; it needs up to two hours); with 'saveToSentItems: true', Mail.Send is enough for mail below 3 MB
      ErrorSendAsDenied|554 5.2.252|use the mailbox as sender in the device, or give it SendAs for this sender
      ErrorInvalidUser Request_ResourceNotFound ResourceNotFound ErrorNonExistentMailbox MailboxNotEnabledForRESTAPI 404|450 4.2.1|check that the mailbox exists in this tenant, with a licence for Exchange Online
      ErrorMessageSizeExceeded ErrorAttachmentSizeLimitExceeded 413|552 5.3.4|the tenant's limit for a message is 35 MB by default: send less, or raise it
      ErrorInvalidRecipients|550 5.1.3|correct the addresses in the device
      ErrorMimeContentInvalid ErrorMimeContentInvalidBase64String|554 5.6.0|check how the device builds its messages
      ErrorMessageSubmissionBlocked|450 4.7.0|release the mailbox under Restricted entities, and find out what it sent
      ErrorExceededMessageLimit|452 4.2.2|the limit is 10,000 recipients a day: use more mailboxes
      MailboxConcurrency ApplicationThrottled TooManyRequests 429|432 4.3.2|no action: the message is sent later
      401|454 4.7.0|check the application with 'tls-uplift doctor'
      ErrorItemNotFound upload401 upload403 upload404 upload410 upload416|451 4.3.0|no action: the draft is made again
      5xx|451 4.3.0|no action: the message is sent later
      4xx|451 4.0.0|look the code up in Microsoft's list of Graph errors
      """
          .lines()
          .map(line -> List.of(line.split("\\|", -1)))
          .flatMap(line -> Stream.of(line.get(0).split(" ", -1)).map(code -> Map.entry(code, line)))
          .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));

  private static final Duration SHORT_WAIT = Duration.ofMinutes(1);

  /** Of the response; 0 without one, -1 if no request has left. */
  private final int status;

  private final String code;
  private final transient Duration retryAfter;

  private GraphException(int status, String code, Duration retryAfter, String message) {
    super(ShortText.printable(message));
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }

  /** Graph has done nothing, for example because there is no token; try again. */
  static GraphException temporary(String why) {
    return new GraphException(-1, "", SHORT_WAIT, "451 4.4.1 " + why);
  }

  /**
   * Graph could never send this message.
   *
   * @param reply begins with 5
   */
  static GraphException refused(String reply) {
    String remedy = "; check how the device builds its messages";
    return new GraphException(-1, "", SHORT_WAIT, reply + remedy);
  }

  /** The request may have arrived, and no response has come; try again. */
  static GraphException withoutResponse(String why) {
    return new GraphException(0, "", SHORT_WAIT, "451 4.4.1 " + why);
  }

  /**
   * A response that is no success.
   *
   * @param kind {@code upload}, or empty
   */
  static GraphException of(HttpsResponse response, String kind) {
    int status = response.status();
    Map<?, ?> error = read(response.body()).get("error") instanceof Map<?, ?> map ? map : Map.of();
    String code = ShortText.cut(Objects.toString(error.get("code"), ""), MAX_TEXT);
    // The server's own faults pass, whatever it calls them.
    List<String> other = Objects.requireNonNull(KNOWN.get(status >= 500 ? "5xx" : "4xx"));
    List<String> known =
        Stream.of(kind.isEmpty() ? code : kind + status, code, status + "")
            .flatMap(key -> Stream.ofNullable(KNOWN.get(key)))
            .filter(line -> status < 500)
            .findFirst()
            .orElse(other);
    String wait = String.join("", response.headers().getOrDefault("Retry-After", List.of()));
    long seconds = wait.matches("[0-9]{1,18}") ? Math.min(Long.parseLong(wait), MAX_WAIT) : 60;
    return new GraphException(
        status,
        code,
        Duration.ofSeconds(seconds),
        "%s Microsoft Graph: %d %s: %s; %s"
            .formatted(
                known.get(1),
                status,
                code,
                ShortText.cut(Objects.toString(error.get("message"), ""), MAX_TEXT),
                known.get(2)));
  }

  /** The fields of a JSON object; none if it is something else. */
  static Map<String, @Nullable Object> read(String body) {
    try {
      return JSON.readValue(body, new TypeReference<Map<String, @Nullable Object>>() {});
    } catch (JsonProcessingException | IllegalArgumentException other) {
      return Map.of();
    }
  }

  /** Whether Graph may have done it: there was no response, or a fault of a server. */
  boolean isUnknown() {
    return status == 0 || status >= 500;
  }

  /** Whether Graph found the mailbox, but not the message in it. */
  boolean isMissingItem() {
    return status == 404 && code.equals("ErrorItemNotFound");
  }

  /** Whether the application lacks a right. */
  boolean isDenied() {
    return status == 403;
  }

  /** What Graph asked for, or a minute: most failures concern all messages of the account. */
  Duration retryAfter() {
    return retryAfter;
  }

  /** The line. */
  String reply() {
    return String.valueOf(getMessage());
  }
}
