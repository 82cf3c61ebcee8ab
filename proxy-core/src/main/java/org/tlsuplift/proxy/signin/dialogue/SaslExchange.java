package org.tlsuplift.proxy.signin.dialogue;

import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.signin.Credential;

/**
 * Exchanges by SASL PLAIN (RFC 4616) or LOGIN (draft-murchison-sasl-login), one after the other, up
 * to the name and the password. The replies are those of one mail protocol. Not thread-safe.
 */
final class SaslExchange {
  /** How replies begin; a challenge is followed by base64, which may be empty. */
  record Replies(String challenge, String malformed, String cancelled) {}

  private enum Mechanism {
    PLAIN,
    LOGIN
  }

  private static final int MAX_LOGIN = 255;
  private static final int MAX_PASSWORD = 1024;
  private static final String USERNAME = "VXNlcm5hbWU6";
  private static final String PASSWORD = "UGFzc3dvcmQ6";

  private Replies replies;
  private @Nullable Mechanism mechanism;
  private @Nullable String login;

  SaslExchange(Replies replies) {
    this.replies = replies;
  }

  /** For a protocol that puts a tag before its replies. */
  void setReplies(Replies tagged) {
    replies = tagged;
  }

  /** Whether the next line is a response. */
  boolean isUnderWay() {
    return mechanism != null;
  }

  /**
   * Begins an exchange.
   *
   * @param at where the mechanism's name begins in the line; after one space an initial response
   *     may follow
   * @param unknown the reply for another mechanism
   */
  SignInStep begin(byte[] line, int at, String unknown) {
    switch (SecretText.word(line, at)) {
      case "PLAIN" -> mechanism = Mechanism.PLAIN;
      case "LOGIN" -> mechanism = Mechanism.LOGIN;
      default -> {
        return new SignInStep.Reply(unknown + "\r\n");
      }
    }
    login = null;
    byte[] initial = SecretText.rest(line, SecretText.endOfWord(line, at));
    if (initial == null) {
      return ask(mechanism == Mechanism.PLAIN ? "" : USERNAME);
    }
    // RFC 4954 section 4: an empty one is sent as a single equals sign.
    return respond(initial.length == 1 && initial[0] == '=' ? new byte[0] : initial);
  }

  /** Reads a response, which is wiped. */
  SignInStep respond(byte[] line) {
    if (line.length == 1 && line[0] == '*') {
      return end(new SignInStep.Reply(replies.cancelled() + "\r\n"));
    }
    byte[] response;
    try {
      response = Base64.getDecoder().decode(stripped(line));
    } catch (IllegalArgumentException notBase64) {
      // The cause may quote the line.
      return malformed("not base64");
    } finally {
      Arrays.fill(line, (byte) 0);
    }
    try {
      return mechanism == Mechanism.PLAIN ? plain(response) : login(response);
    } finally {
      Arrays.fill(response, (byte) 0);
    }
  }

  private static byte[] stripped(byte[] line) {
    int end = SecretText.endWithoutSpaces(line, 0);
    return end == line.length ? line : Arrays.copyOf(line, end);
  }

  private SignInStep plain(byte[] message) {
    int first = indexOfNul(message, 0);
    int second = first < 0 ? -1 : indexOfNul(message, first + 1);
    if (second < 0 || indexOfNul(message, second + 1) >= 0) {
      return malformed("not a name and a password");
    }
    byte[] password = Arrays.copyOfRange(message, second + 1, message.length);
    String name = name(Arrays.copyOfRange(message, first + 1, second));
    String onBehalf = name(Arrays.copyOfRange(message, 0, first));
    if (!onBehalf.isEmpty() && !onBehalf.equals(name)) {
      Arrays.fill(password, (byte) 0);
      return malformed("signing in on behalf of others is not possible");
    }
    return complete(name, password);
  }

  private static int indexOfNul(byte[] message, int from) {
    return Unpooled.wrappedBuffer(message).indexOf(from, message.length, (byte) 0);
  }

  private SignInStep login(byte[] message) {
    if (login == null) {
      login = name(message);
      return ask(PASSWORD);
    }
    return complete(login, message.clone());
  }

  private static String name(byte[] bytes) {
    return new String(SecretText.characters(bytes));
  }

  /**
   * Ends with a name and a password, by SASL or not, if they are within bounds.
   *
   * @param password is wiped
   */
  SignInStep complete(String name, byte[] password) {
    char[] characters = SecretText.characters(password);
    Arrays.fill(password, (byte) 0);
    if (name.isEmpty() || name.length() > MAX_LOGIN || characters.length > MAX_PASSWORD) {
      Arrays.fill(characters, '\0');
      return malformed(name.isEmpty() ? "no name was given" : "a name or password is too long");
    }
    return end(new SignInStep.Present(new Credential(name, characters)));
  }

  private SignInStep ask(String challenge) {
    return new SignInStep.Reply(replies.challenge() + challenge + "\r\n");
  }

  private SignInStep malformed(String why) {
    return end(new SignInStep.Reply(replies.malformed() + " Cannot read that: " + why + "\r\n"));
  }

  private SignInStep end(SignInStep step) {
    mechanism = null;
    return step;
  }
}
