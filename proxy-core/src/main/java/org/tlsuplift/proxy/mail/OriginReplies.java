package org.tlsuplift.proxy.mail;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.outcome.OriginReply;

/**
 * Recognises the refusals of {@link OriginReply} by the code and the text of a line, and other
 * refusals of a sign-in by their code. Stateless.
 */
public final class OriginReplies {
  private static final Pattern SIGN_IN =
      Pattern.compile("(530|534|535|538|454(?= 4\\.7\\.0))(?: .*)?", Pattern.DOTALL);

  private static final Pattern TAGGED_NO = Pattern.compile("[^ *]+ NO .*", Pattern.DOTALL);

  private static final Pattern CREDENTIALS = Pattern.compile("PASSWORD|CREDENTIALS|USER ?NAME");

  private OriginReplies() {}

  /** The known refusal in a line; empty for any other line. */
  public static Optional<OriginReply> recognise(MailProtocol protocol, String line) {
    return switch (protocol) {
      case SMTP -> SmtpRefusals.in(line);
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
        boolean refusal = upper.startsWith("-ERR") || TAGGED_NO.matcher(upper).matches();
        yield refusal && CREDENTIALS.matcher(upper).find()
            ? Optional.of(OriginReply.LOGIN_FAILED.label())
            : Optional.empty();
      }
    };
  }

  /** The texts of Exchange Online, then those of Dovecot and others (RFC 5530, RFC 3206). */
  private static Optional<OriginReply> mailbox(String upper) {
    if (upper.contains("POPIMAP_TLS")) {
      return Optional.of(OriginReply.MAILBOX_TLS_TOO_OLD);
    }
    if (upper.contains("BASIC AUTHENTICATION IS DISABLED")) {
      return Optional.of(OriginReply.MAILBOX_BASIC_AUTH_DISABLED);
    }
    if (upper.contains("AUTHENTICATED BUT NOT CONNECTED")) {
      return Optional.of(OriginReply.MAILBOX_NOT_CONNECTED);
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
