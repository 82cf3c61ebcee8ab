package org.tlsuplift.server.signin.token;

import com.microsoft.aad.msal4j.MsalInteractionRequiredException;
import com.microsoft.aad.msal4j.MsalServiceException;
import com.microsoft.aad.msal4j.MsalThrottlingException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.outcome.PlatformRefusal;
import org.tlsuplift.proxy.signin.TokenResult;

/**
 * Why there is no token. Contains codes of the identity platform only: its sentences may contain
 * anything.
 *
 * @param why for the log and for sign-ins of devices
 * @param passing whether a retry may help; otherwise an operator must change something
 * @param retryAfter how long the platform asks to wait, or null
 */
record GrantFailure(String why, boolean passing, @Nullable Duration retryAfter) {
  private static final Pattern WORD = Pattern.compile("[a-z_]{1,40}");
  private static final Set<String> PASSING =
      Set.of("temporarily_unavailable", "server_error", "service_unavailable", "slow_down");
  private static final Duration MAX_RETRY_AFTER = Duration.ofMinutes(10);

  TokenResult answer() {
    return passing ? new TokenResult.Unavailable(why) : new TokenResult.Refused(why);
  }

  /**
   * @param mailbox without a token
   */
  static GrantFailure of(Throwable failure, String mailbox, Instant now) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (at instanceof MsalThrottlingException throttled) {
        return unavailable(
            "the identity platform asks to retry later",
            bounded(Duration.ofMillis(throttled.retryInMs())));
      }
      if (at instanceof MsalServiceException said) {
        return of(said, mailbox, now);
      }
      if (at instanceof PlatformUnreachableException unreachable) {
        return unavailable(
            "the identity platform is unreachable: " + unreachable.getMessage(),
            retryAfter(unreachable.headers(), now));
      }
      if (at instanceof TokenStoreException unusable) {
        String why = unusable.getMessage();
        return unusable.passing() ? unavailable(why, null) : refused(why);
      }
      if (at instanceof OperatorException unusable) {
        return refused(unusable.getMessage());
      }
    }
    // The message may quote a response.
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return unavailable(
        "the identity platform's response is invalid (" + root.getClass().getSimpleName() + ")",
        null);
  }

  private static GrantFailure of(MsalServiceException said, String mailbox, Instant now) {
    int status = said.statusCode() == null ? 0 : said.statusCode();
    String error = word(said.errorCode());
    int number = PlatformRefusal.code(String.valueOf(said.getMessage()));
    if (status == 429 || status >= 500 || PASSING.contains(error)) {
      return unavailable(returned(status, error, number), retryAfter(said.headers(), now));
    }
    if (status >= 400 || said instanceof MsalInteractionRequiredException) {
      return refused(refusal(status, error, number, mailbox));
    }
    return unavailable(returned(status, error, number), retryAfter(said.headers(), now));
  }

  /**
   * Cause and remedy of a permanent refusal, in one line.
   *
   * @param status 0 if there is none
   * @param number of {@code AADSTS}; 0 if there is none
   */
  static String refusal(int status, String error, int number, String mailbox) {
    return returned(status, word(error), number)
        + ": "
        + (number == 0
            ? "check tenant, applicationId and the application's secret or certificate"
            : PlatformRefusal.of(number)
                .map(refusal -> refusal.remedy(mailbox))
                .orElse("see https://login.microsoftonline.com/error?code=" + number));
  }

  private static String returned(int status, String error, int number) {
    return "the identity platform returned"
        + (status == 0 ? "" : " " + status)
        + (error.isEmpty() ? "" : " " + error)
        + (number == 0 ? "" : ", AADSTS" + number);
  }

  private static @Nullable Duration retryAfter(
      @Nullable Map<String, List<String>> headers, Instant now) {
    if (headers == null) {
      return null;
    }
    for (Map.Entry<String, List<String>> header : headers.entrySet()) {
      if ("retry-after".equals(String.valueOf(header.getKey()).toLowerCase(Locale.ROOT))
          && !header.getValue().isEmpty()) {
        return retryAfter(header.getValue().get(0).strip(), now);
      }
    }
    return null;
  }

  /** RFC 9110 section 10.2.3: seconds or a date. */
  private static @Nullable Duration retryAfter(String text, Instant now) {
    if (text.matches("[0-9]{1,18}")) {
      return bounded(Duration.ofSeconds(Long.parseLong(text)));
    }
    try {
      return bounded(
          Duration.between(
              now, ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant()));
    } catch (DateTimeParseException malformed) {
      return null;
    }
  }

  private static Duration bounded(Duration retryAfter) {
    return retryAfter.isNegative()
        ? Duration.ZERO
        : retryAfter.compareTo(MAX_RETRY_AFTER) > 0 ? MAX_RETRY_AFTER : retryAfter;
  }

  private static String word(@Nullable String error) {
    return error != null && WORD.matcher(error).matches() ? error : "";
  }

  private static GrantFailure unavailable(String why, @Nullable Duration retryAfter) {
    return new GrantFailure(why, true, retryAfter);
  }

  private static GrantFailure refused(String why) {
    return new GrantFailure(why, false, null);
  }
}
