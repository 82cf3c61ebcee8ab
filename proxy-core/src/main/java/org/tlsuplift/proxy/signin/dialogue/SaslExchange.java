package org.tlsuplift.proxy.signin.dialogue;

import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.signin.Credential;

/**
 * One exchange by SASL PLAIN (RFC 4616) or LOGIN (draft-murchison-sasl-login), up to the name and
 * the password. Not thread-safe.
 */
final class SaslExchange {
  /** What follows on a response. */
  sealed interface Step {
    /** More is wanted; in base64, may be empty. */
    record Ask(String challenge) implements Step {}

    /** All is known. */
    record Complete(Credential credential) implements Step {}

    /** What came cannot be read. */
    record Malformed(String why) implements Step {}

    /** The device gave up. */
    record Cancelled() implements Step {}
  }

  private enum Mechanism {
    PLAIN,
    LOGIN
  }

  private static final int MAX_LOGIN = 255;
  private static final int MAX_PASSWORD = 1024;
  private static final String USERNAME = "VXNlcm5hbWU6";
  private static final String PASSWORD = "UGFzc3dvcmQ6";

  private final Mechanism mechanism;
  private @Nullable String login;

  private SaslExchange(Mechanism mechanism) {
    this.mechanism = mechanism;
  }

  /** The exchange of a mechanism, if we take it. */
  static Optional<SaslExchange> of(String mechanism) {
    return switch (mechanism) {
      case "PLAIN" -> Optional.of(new SaslExchange(Mechanism.PLAIN));
      case "LOGIN" -> Optional.of(new SaslExchange(Mechanism.LOGIN));
      default -> Optional.empty();
    };
  }

  /**
   * Begins.
   *
   * @param initial the initial response, or null where there is none
   */
  Step begin(byte @Nullable [] initial) {
    if (initial == null) {
      return new Step.Ask(mechanism == Mechanism.PLAIN ? "" : USERNAME);
    }
    // RFC 4954 section 4: an empty one is sent as a single equals sign.
    return respond(initial.length == 1 && initial[0] == '=' ? new byte[0] : initial);
  }

  /** Takes a response as it came, which is wiped. */
  Step respond(byte[] line) {
    if (line.length == 1 && line[0] == '*') {
      return new Step.Cancelled();
    }
    byte[] response;
    try {
      response = Base64.getDecoder().decode(stripped(line));
    } catch (IllegalArgumentException notBase64) {
      // The cause may quote what it did not like.
      return new Step.Malformed("not base64");
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
    int end = line.length;
    while (end > 0 && line[end - 1] == ' ') {
      end--;
    }
    return end == line.length ? line : Arrays.copyOf(line, end);
  }

  private static Step plain(byte[] message) {
    int first = indexOfNul(message, 0);
    int second = first < 0 ? -1 : indexOfNul(message, first + 1);
    if (second < 0 || indexOfNul(message, second + 1) >= 0) {
      return new Step.Malformed("not a name and a password");
    }
    byte[] password = Arrays.copyOfRange(message, second + 1, message.length);
    String name = name(Arrays.copyOfRange(message, first + 1, second));
    String onBehalf = name(Arrays.copyOfRange(message, 0, first));
    if (!onBehalf.isEmpty() && !onBehalf.equals(name)) {
      Arrays.fill(password, (byte) 0);
      return new Step.Malformed("signing in on behalf of others is not possible");
    }
    return complete(name, password);
  }

  private static int indexOfNul(byte[] message, int from) {
    for (int i = from; i < message.length; i++) {
      if (message[i] == 0) {
        return i;
      }
    }
    return -1;
  }

  private Step login(byte[] message) {
    if (login == null) {
      login = name(message);
      return new Step.Ask(PASSWORD);
    }
    return complete(login, message.clone());
  }

  private static String name(byte[] bytes) {
    return new String(SecretText.characters(bytes));
  }

  /**
   * Within bounds, or not at all.
   *
   * @param password is wiped
   */
  static Step complete(String name, byte[] password) {
    char[] characters = SecretText.characters(password);
    Arrays.fill(password, (byte) 0);
    if (name.isEmpty() || name.length() > MAX_LOGIN || characters.length > MAX_PASSWORD) {
      Arrays.fill(characters, '\0');
      return new Step.Malformed(
          name.isEmpty() ? "no name was given" : "a name or password is too long");
    }
    return new Step.Complete(new Credential(name, characters));
  }
}
