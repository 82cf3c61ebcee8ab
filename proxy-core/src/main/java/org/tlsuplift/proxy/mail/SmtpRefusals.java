package org.tlsuplift.proxy.mail;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OriginReply;

/**
 * The refusals of Exchange Online in SMTP, by reply code, enhanced status code (RFC 5321 section
 * 4.2, RFC 2034) and text. Stateless.
 *
 * <p>The text decides where one code has several causes, and where other mail servers use the same
 * code for something else.
 */
final class SmtpRefusals {
  private static final Pattern REPLY =
      Pattern.compile(
          "([45][0-9]{2})[ -]([45]\\.[0-9]{1,3}\\.([0-9]{1,3}))(?![0-9.])(.*)", Pattern.DOTALL);

  /** Exchange Online appends the refused sign-in to the refusal of the sender. */
  private static final Pattern SECOND = Pattern.compile("ERROR: ?(?=[45][0-9]{2} )");

  private static final Map<String, OriginReply> BY_CODE =
      Arrays.stream(OriginReply.values())
          .collect(Collectors.toUnmodifiableMap(OriginReply::label, Function.identity()));

  /** The texts of codes with several causes. Without one of them, the code alone decides. */
  private static final Map<String, List<Text>> BY_TEXT =
      Map.of(
          "535 5.7.139",
          List.of(
              new Text("CREDENTIALS WERE INCORRECT", OriginReply.CREDENTIALS_INCORRECT),
              new Text("SMTPCLIENTAUTHENTICATION", OriginReply.SMTP_AUTH_DISABLED),
              new Text("BASIC AUTHENTICATION IS DISABLED", OriginReply.BASIC_AUTH_DISABLED),
              new Text("DID NOT MEET THE CRITERIA", OriginReply.CONDITIONAL_ACCESS),
              new Text("SECURITY DEFAULTS", OriginReply.SECURITY_DEFAULTS),
              new Text("DOES NOT ALLOW THIS AUTHENT", OriginReply.AUTH_TYPE_NOT_ALLOWED)),
          "554 5.2.0",
          List.of(new Text("SENDASDENIED", OriginReply.OLD_SEND_AS_DENIED)),
          "421 4.7.66",
          List.of(
              new Text("TLS", OriginReply.TLS_TOO_OLD),
              new Text("", OriginReply.CONNECTION_BLOCKED)));

  /** Codes that other mail servers use too, with the text that only Exchange Online has. */
  private static final Map<String, String> ONLY_WITH =
      Map.of("550 5.1.8", "ACCESS DENIED", "550 5.4.1", "RECIPIENT ADDRESS REJECTED");

  private record Text(String part, OriginReply reply) {}

  private SmtpRefusals() {}

  /** The known refusal in a line; empty for any other line. */
  static Optional<OriginReply> in(String line) {
    String upper = line.toUpperCase(Locale.ROOT);
    OriginReply first = find(upper);
    if (first == OriginReply.NOT_AUTHENTICATED) {
      Matcher second = SECOND.matcher(upper);
      OriginReply cause = second.find() ? find(upper.substring(second.end())) : null;
      return Optional.of(cause == null ? first : cause);
    }
    return Optional.ofNullable(first);
  }

  private static @Nullable OriginReply find(String upper) {
    Matcher reply = REPLY.matcher(upper);
    if (!reply.matches()) {
      return null;
    }
    String code = reply.group(1) + " " + reply.group(2);
    String text = reply.group(4);
    for (Text each : BY_TEXT.getOrDefault(code, List.of())) {
      if (text.contains(each.part())) {
        return each.reply();
      }
    }
    if (!text.contains(ONLY_WITH.getOrDefault(code, ""))) {
      return null;
    }
    OriginReply known = BY_CODE.get(code);
    return known != null ? known : family(code, reply.group(2), Integer.parseInt(reply.group(3)));
  }

  /** Codes that are one of many with the same cause. */
  private static @Nullable OriginReply family(String code, String status, int detail) {
    OriginReply ofStatus = BY_CODE.get(status);
    if (ofStatus != null) {
      return ofStatus;
    }
    if (code.equals("421 4.7.500")) {
      return OriginReply.SERVER_BUSY;
    }
    if (code.startsWith("550 5.7.") && detail >= 606 && detail <= 649) {
      return OriginReply.ADDRESS_BANNED;
    }
    return code.startsWith("501 5.5.") && detail >= 121 && detail <= 127
        ? OriginReply.HVE_INVALID_XOAUTH2
        : null;
  }
}
