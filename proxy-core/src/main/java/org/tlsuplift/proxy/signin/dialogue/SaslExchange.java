package org.tlsuplift.proxy.signin.dialogue;

import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.signin.Credential;

/**
 * Reads a name and a password with SASL PLAIN (RFC 4616) or LOGIN (draft-murchison-sasl-login). An
 * instance can run several exchanges in sequence. The replies are those of one mail protocol. Not
 * thread-safe.
 */
final class SaslExchange {
  /** The start of each reply. Base64, which may be empty, follows a challenge. */
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

  /** Replaces the replies, for a protocol that puts a tag before them. */
  void setReplies(Replies tagged) {
    replies = tagged;
  }

  /** Whether the next line is a response to a challenge. */
  boolean isUnderWay() {
    return mechanism != null;
  }

  /**
   * Starts an exchange.
   *
   * @param at the index of the mechanism's name in the line; an initial response may follow after
   *     one space
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
    // RFC 4954 section 4: a single equals sign stands for an empty response.
    return respond(initial.length == 1 && initial[0] == '=' ? new byte[0] : initial);
  }

  /** Reads a response and wipes it. */
  SignInStep respond(byte[] line) {
    if (line.length == 1 && line[0] == '*') {
      return end(new SignInStep.Reply(replies.cancelled() + "\r\n"));
    }
    byte[] response;
    try {
      response = Base64.getDecoder().decode(stripped(line));
    } catch (IllegalArgumentException notBase64) {
      // The cause is dropped, because it may quote the line.
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
      return malformed("signing in for another user is not supported");
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
   * Ends with a name and a password, from SASL or not, if both are within their limits.
   *
   * @param password wiped by this method
   */
  SignInStep complete(String name, byte[] password) {
    char[] characters = SecretText.characters(password);
    Arrays.fill(password, (byte) 0);
    if (name.isEmpty() || name.length() > MAX_LOGIN || characters.length > MAX_PASSWORD) {
      Arrays.fill(characters, '\0');
      return malformed(name.isEmpty() ? "the name is missing" : "the name or password is too long");
    }
    return end(new SignInStep.Present(new Credential(name, characters), null));
  }

  private SignInStep ask(String challenge) {
    return new SignInStep.Reply(replies.challenge() + challenge + "\r\n");
  }

  private SignInStep malformed(String why) {
    return end(new SignInStep.Reply(replies.malformed() + " Malformed: " + why + "\r\n"));
  }

  private SignInStep end(SignInStep step) {
    mechanism = null;
    return step;
  }
}
