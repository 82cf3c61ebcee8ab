package org.tlsuplift.proxy.signin.dialogue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.SignInOutcome;

/** Sign-in with IMAP's LOGIN or AUTHENTICATE (RFC 9051 section 6.2, RFC 4959). */
final class ImapSignIn implements SignInDialect {
  private static final Pattern TAG =
      Pattern.compile("[!#$&',\\-./0-9:;<=>?@A-Za-z\\[\\]^_`|}~]{1,64}");

  /** The capabilities after sign-in, in the origin's last line (RFC 9051 section 7.1). */
  private static final Pattern CODE =
      Pattern.compile("\\[CAPABILITY [^\\]\\r\\n]{1,4000}]", Pattern.CASE_INSENSITIVE);

  /** Exchange Online has it over TLS. A device that sees it sends no password. */
  private static final Pattern LOGIN_DISABLED =
      Pattern.compile(" LOGINDISABLED(?=[ \\]]|$)", Pattern.CASE_INSENSITIVE);

  private static final int MAX_LITERALS = 4096;

  private final List<String> capabilities;
  private final SaslExchange exchange = new SaslExchange(replies("*"));
  private @Nullable ImapArguments unfinished;
  private String tag = "*";
  private String command = "";
  private int literals;

  ImapSignIn(List<String> capabilities) {
    this.capabilities = capabilities;
  }

  @Override
  public SignInStep onLine(byte[] line) {
    if (exchange.isUnderWay()) {
      return exchange.respond(line);
    }
    if (unfinished != null) {
      return arguments(unfinished, line, 0);
    }
    int end = SecretText.endOfWord(line, 0);
    String first = new String(line, 0, Math.min(end, 65), StandardCharsets.ISO_8859_1);
    command = SecretText.word(line, SecretText.skipSpaces(line, end));
    if (!TAG.matcher(first).matches() || command.isEmpty()) {
      return answer("* BAD Expected a tag and a command\r\n");
    }
    tag = first;
    exchange.setReplies(replies(tag));
    literals = 0;
    int rest = SecretText.endOfWord(line, SecretText.skipSpaces(line, end));
    return command.equals("AUTHENTICATE")
        ? exchange.begin(
            line, SecretText.skipSpaces(line, rest), tag + " NO Unrecognized authentication type")
        : arguments(new ImapArguments(), line, rest);
  }

  private static SaslExchange.Replies replies(String tag) {
    return new SaslExchange.Replies("+ ", tag + " BAD", tag + " BAD Authentication cancelled");
  }

  /** Reads the whole command before the reply, because it may continue after literals. */
  private SignInStep arguments(ImapArguments arguments, byte[] line, int from) {
    unfinished = null;
    ImapArguments.Literal literal = arguments.read(line, from);
    if (literal == null) {
      try {
        return complete(arguments);
      } finally {
        arguments.wipe();
      }
    }
    literals += literal.bytes();
    if (literal.bytes() > MAX_LITERALS || literals > MAX_LITERALS) {
      arguments.wipe();
      return literal.unasked()
          ? new SignInStep.Broken("a command is longer than " + MAX_LITERALS + " bytes")
          : answer(tag + " BAD [TOOBIG] Too long\r\n");
    }
    unfinished = arguments;
    return new SignInStep.ReadLiteral(literal.bytes(), literal.unasked() ? "" : "+ Go on\r\n");
  }

  @Override
  public SignInStep onLiteral(byte[] literal) {
    if (unfinished == null) {
      throw new IllegalStateException("got a literal; expected a line");
    }
    unfinished.add(literal);
    return answer("");
  }

  @Override
  public @Nullable String tooLong(byte[] start) {
    if (exchange.isUnderWay() || unfinished != null) {
      return null;
    }
    String first =
        new String(start, 0, SecretText.endOfWord(start, 0), StandardCharsets.ISO_8859_1);
    return (TAG.matcher(first).matches() ? first : "*") + " BAD [TOOBIG] The line is too long\r\n";
  }

  private SignInStep complete(ImapArguments arguments) {
    return switch (command) {
      case "LOGIN" -> login(arguments);
      case "CAPABILITY" ->
          answer(
              "* CAPABILITY %s\r\n%s OK CAPABILITY completed\r\n"
                  .formatted(String.join(" ", capabilities), tag));
      case "NOOP" -> answer(tag + " OK NOOP completed\r\n");
      case "ID" -> answer("* ID NIL\r\n" + tag + " OK ID completed\r\n");
      case "LOGOUT" ->
          new SignInStep.Leave("* BYE Logging out\r\n" + tag + " OK LOGOUT completed\r\n");
      case "STARTTLS" -> answer(tag + " BAD TLS has already started or is no longer possible\r\n");
      default -> answer(tag + " BAD Sign in first\r\n");
    };
  }

  private SignInStep login(ImapArguments arguments) {
    List<byte[]> two = arguments.strings();
    if (two.size() != 2) {
      return answer(tag + " BAD Expected a name and a password\r\n");
    }
    return exchange.complete(new String(SecretText.characters(two.get(0))), two.get(1).clone());
  }

  private static SignInStep answer(String reply) {
    return new SignInStep.Reply(reply);
  }

  @Override
  public String accepted(List<String> ofOrigin) {
    List<String> reply = new ArrayList<>();
    for (String line : ofOrigin.subList(0, ofOrigin.size() - 1)) {
      if (line.toUpperCase(Locale.ROOT).startsWith("* CAPABILITY ")) {
        reply.add(withoutLoginDisabled(line) + "\r\n");
      }
    }
    Matcher code = CODE.matcher(ofOrigin.get(ofOrigin.size() - 1));
    reply.add(
        "%s OK %sSigned in\r\n"
            .formatted(tag, code.find() ? withoutLoginDisabled(code.group()) + " " : ""));
    return String.join("", reply);
  }

  private static String withoutLoginDisabled(String capabilities) {
    return LOGIN_DISABLED.matcher(capabilities).replaceAll("");
  }

  @Override
  public String refused(SignInOutcome outcome) {
    return tag
        + switch (outcome) {
          case SIGNED_IN -> throw new IllegalArgumentException("SIGNED_IN is not a refusal");
          case BAD_CREDENTIALS, NOT_ADMITTED ->
              " NO [AUTHENTICATIONFAILED] The name or password is wrong\r\n";
          case TOKEN_REFUSED, ORIGIN_REFUSED ->
              " NO [AUTHENTICATIONFAILED] The mail server does not accept this device's account\r\n";
          case MAILBOX_BUSY -> " NO [UNAVAILABLE] The mailbox is busy, try again later\r\n";
          case GUESSES_SLOWED, TOKEN_UNAVAILABLE, ORIGIN_UNAVAILABLE, ORIGIN_BUSY, ABANDONED ->
              " NO [UNAVAILABLE] Temporary authentication failure\r\n";
        };
  }
}
