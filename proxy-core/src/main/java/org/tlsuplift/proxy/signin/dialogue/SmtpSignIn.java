package org.tlsuplift.proxy.signin.dialogue;

import java.util.List;
import org.tlsuplift.proxy.mail.MailText;
import org.tlsuplift.proxy.outcome.SignInOutcome;

/** Sign-in with SMTP AUTH (RFC 4954), or without any. */
final class SmtpSignIn implements SignInDialect {
  private static final String OK = "250 2.0.0 OK\r\n";
  private static final String UNAUTHENTICATED = "530 5.7.0 Authentication required\r\n";

  private final String host;
  private final List<String> capabilities;
  private final SaslExchange exchange =
      new SaslExchange(
          new SaslExchange.Replies("334 ", "501 5.5.2", "501 5.7.0 Authentication cancelled"));
  private boolean unasked;

  SmtpSignIn(String host, List<String> capabilities) {
    this.host = host;
    this.capabilities = capabilities;
  }

  @Override
  public SignInStep onLine(byte[] line) {
    if (exchange.isUnderWay()) {
      return exchange.respond(line);
    }
    unasked = false;
    int start = SecretText.skipSpaces(line, 0);
    String verb = SecretText.word(line, start);
    int end = SecretText.endOfWord(line, start);
    if (verb.equals("AUTH")) {
      return exchange.begin(
          line, SecretText.skipSpaces(line, end), "504 5.5.4 Unrecognized authentication type");
    }
    String open = SecretText.open(line).strip();
    // An address may be UTF-8 (RFC 6531). The origin checks it.
    boolean readable =
        verb.equals("MAIL")
            ? open.chars().noneMatch(c -> c < ' ' || c == 0x7f)
            : MailText.isPrintable(open);
    if (!readable) {
      return answer("500 5.5.2 Only printable ASCII is supported\r\n");
    }
    return switch (verb) {
      case "EHLO" -> new SignInStep.Introduced(open, list());
      case "HELO" -> new SignInStep.Introduced(open, "250 " + host + "\r\n");
      case "NOOP", "RSET" -> answer(OK);
      case "QUIT" -> new SignInStep.Leave("221 2.0.0 Bye\r\n");
      case "MAIL" -> {
        unasked = true;
        yield new SignInStep.Present(null, open);
      }
      // The bytes of a chunk follow, which must not be read as commands (RFC 3030 section 2).
      case "BDAT" -> new SignInStep.Leave(UNAUTHENTICATED);
      case "RCPT", "DATA", "BURL", "VRFY", "EXPN", "HELP", "ETRN" -> answer(UNAUTHENTICATED);
      case "STARTTLS" -> answer("503 5.5.1 TLS has already started or is no longer possible\r\n");
      default -> answer("500 5.5.2 Command not recognized\r\n");
    };
  }

  private String list() {
    StringBuilder reply = new StringBuilder("250-").append(host).append("\r\n");
    for (int i = 0; i < capabilities.size(); i++) {
      reply
          .append(i + 1 < capabilities.size() ? "250-" : "250 ")
          .append(capabilities.get(i))
          .append("\r\n");
    }
    return reply.toString();
  }

  private static SignInStep answer(String reply) {
    return new SignInStep.Reply(reply);
  }

  /** Empty after a command other than AUTH, because the origin's own reply follows. */
  @Override
  public String accepted(List<String> ofOrigin) {
    return unasked ? "" : "235 2.7.0 Authentication successful\r\n";
  }

  @Override
  public String refused(SignInOutcome outcome) {
    return switch (outcome) {
      case SIGNED_IN -> throw new IllegalArgumentException("SIGNED_IN is not a refusal");
      case BAD_CREDENTIALS -> "535 5.7.8 Authentication credentials invalid\r\n";
      case NOT_ADMITTED -> UNAUTHENTICATED;
      case TOKEN_REFUSED, ORIGIN_REFUSED ->
          unasked
              ? "550 5.7.1 The mail server does not accept this device's account\r\n"
              : "535 5.7.8 The mail server does not accept this device's account\r\n";
      case MAILBOX_BUSY ->
          (unasked ? "451" : "432") + " 4.3.2 The mailbox is busy, try again later\r\n";
      case GUESSES_SLOWED, TOKEN_UNAVAILABLE, ORIGIN_UNAVAILABLE, ORIGIN_BUSY, ABANDONED ->
          (unasked ? "451" : "454") + " 4.7.0 Temporary authentication failure\r\n";
    };
  }
}
