package org.tlsuplift.proxy.mail;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.OriginReply;

/** Recognises the refusals of {@link OriginReply} by the start of a line. Stateless. */
public final class OriginReplies {
  /** The reply code, then the enhanced status code (RFC 5321 section 4.2, RFC 2034). */
  private static final Pattern SMTP =
      Pattern.compile("([45][0-9]{2})[ -]([45]\\.[0-9]{1,3}\\.[0-9]{1,3})(?![0-9.]).*");

  private static final Pattern SIGN_IN =
      Pattern.compile("(530|534|535|538|454(?= 4\\.7\\.0))(?: .*)?");

  private static final Pattern CREDENTIALS = Pattern.compile("PASSWORD|CREDENTIALS|USER ?NAME");

  private static final Map<String, OriginReply> BY_LABEL =
      Arrays.stream(OriginReply.values())
          .collect(Collectors.toUnmodifiableMap(OriginReply::label, Function.identity()));

  private OriginReplies() {}

  /** The known refusal in a line; empty for any other line. */
  public static Optional<OriginReply> recognise(MailProtocol protocol, String line) {
    return switch (protocol) {
      case SMTP -> smtp(line);
      case IMAP -> {
        String upper = line.toUpperCase(Locale.ROOT);
        int space = upper.indexOf(' ');
        boolean refusal =
            upper.startsWith("* BYE") || (space > 0 && upper.startsWith("NO ", space + 1));
        yield refusal ? mailbox(upper) : Optional.empty();
      }
      case POP3 ->
          line.startsWith("-ERR") ? mailbox(line.toUpperCase(Locale.ROOT)) : Optional.empty();
    };
  }

  /**
   * A refusal of a sign-in that is not one of the known ones, such as that of an origin which is
   * not Microsoft's: the reply code of RFC 4954 section 4.7.2 or 6, or {@code login failed}.
   */
  static Optional<String> refusedSignIn(MailProtocol protocol, String line) {
    return switch (protocol) {
      case SMTP -> {
        Matcher code = SIGN_IN.matcher(line);
        yield code.matches() ? Optional.of(code.group(1)) : Optional.empty();
      }
      case IMAP, POP3 -> {
        String upper = line.toUpperCase(Locale.ROOT);
        boolean refusal = upper.startsWith("-ERR") || upper.matches("[^ *]+ NO .*");
        yield refusal && CREDENTIALS.matcher(upper).find()
            ? Optional.of(OriginReply.LOGIN_FAILED.label())
            : Optional.empty();
      }
    };
  }

  private static Optional<OriginReply> smtp(String line) {
    Matcher reply = SMTP.matcher(line);
    return reply.matches()
        ? Optional.ofNullable(BY_LABEL.get(reply.group(1) + " " + reply.group(2)))
        : Optional.empty();
  }

  /** The texts of Exchange Online, then those of Dovecot and others (RFC 5530, RFC 3206). */
  private static Optional<OriginReply> mailbox(String upper) {
    if (upper.contains("POPIMAP_TLS")) {
      return Optional.of(OriginReply.MAILBOX_TLS_TOO_OLD);
    }
    boolean refused =
        upper.contains("LOGIN FAILED")
            || upper.contains("AUTHENTICATE FAILED")
            || upper.contains("LOGON FAILURE")
            || upper.contains("AUTHENTICATION FAILURE")
            || upper.contains("[AUTHENTICATIONFAILED]")
            || upper.contains("[AUTH]");
    return refused ? Optional.of(OriginReply.LOGIN_FAILED) : Optional.empty();
  }
}
