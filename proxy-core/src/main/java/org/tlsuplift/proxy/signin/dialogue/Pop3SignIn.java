package org.tlsuplift.proxy.signin.dialogue;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.SignInOutcome;

/** Sign-in with POP3's USER and PASS (RFC 1939) or AUTH (RFC 5034). */
final class Pop3SignIn implements SignInDialect {
  private final List<String> capabilities;
  private final SaslExchange exchange =
      new SaslExchange(new SaslExchange.Replies("+ ", "-ERR", "-ERR Authentication cancelled"));
  private @Nullable String user;

  Pop3SignIn(List<String> capabilities) {
    this.capabilities = capabilities;
  }

  @Override
  public SignInStep onLine(byte[] line) {
    if (exchange.isUnderWay()) {
      return exchange.respond(line);
    }
    String verb = SecretText.word(line, 0);
    int end = SecretText.endOfWord(line, 0);
    return switch (verb) {
      case "USER" -> user(SecretText.rest(line, end));
      case "PASS" -> pass(SecretText.rest(line, end));
      case "AUTH" -> auth(line, SecretText.skipSpaces(line, end));
      case "CAPA" ->
          answer(
              "+OK Capability list follows\r\n" + String.join("\r\n", capabilities) + "\r\n.\r\n");
      case "QUIT" -> new SignInStep.Leave("+OK Bye\r\n");
      case "STLS" -> answer("-ERR TLS has already started or is no longer possible\r\n");
      default -> answer("-ERR Sign in first\r\n");
    };
  }

  private SignInStep user(byte @Nullable [] name) {
    if (name == null) {
      return answer("-ERR Expected a name\r\n");
    }
    user = new String(SecretText.characters(name)).strip();
    return answer("+OK Send the password\r\n");
  }

  private SignInStep pass(byte @Nullable [] password) {
    String name = user;
    user = null;
    if (name == null) {
      return answer("-ERR Send USER first\r\n");
    }
    return exchange.complete(name, password == null ? new byte[0] : password);
  }

  private SignInStep auth(byte[] line, int at) {
    if (at >= line.length) {
      // The list of mechanisms from before RFC 2449, which old devices still request.
      return answer("+OK\r\nPLAIN\r\nLOGIN\r\n.\r\n");
    }
    return exchange.begin(line, at, "-ERR Unrecognized authentication type");
  }

  private static SignInStep answer(String reply) {
    return new SignInStep.Reply(reply);
  }

  @Override
  public String accepted(List<String> ofOrigin) {
    return "+OK Signed in\r\n";
  }

  @Override
  public String refused(SignInOutcome outcome) {
    return switch (outcome) {
      case SIGNED_IN -> throw new IllegalArgumentException("SIGNED_IN is not a refusal");
      case BAD_CREDENTIALS, NOT_ADMITTED -> "-ERR [AUTH] The name or password is wrong\r\n";
      case TOKEN_REFUSED, ORIGIN_REFUSED ->
          "-ERR [AUTH] The mail server does not accept this device's account\r\n";
      case MAILBOX_BUSY -> "-ERR [SYS/TEMP] The mailbox is busy, try again later\r\n";
      case GUESSES_SLOWED, TOKEN_UNAVAILABLE, ORIGIN_UNAVAILABLE, ORIGIN_BUSY, ABANDONED ->
          "-ERR [SYS/TEMP] Temporary authentication failure\r\n";
    };
  }
}
