package org.tlsuplift.proxy.signin.dialogue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.model.MailProtocol;

/**
 * The sign-in to an origin with a user and a password: SASL PLAIN (RFC 4616), or LOGIN
 * (draft-murchison-sasl-login) at an origin without PLAIN, such as Microsoft's.
 *
 * <p>The caller has verified the origin under TLS before.
 */
public final class PasswordExchange implements OriginExchange {
  private static final String PLAIN = "PLAIN";
  private static final String LOGIN = "LOGIN";

  private final MailProtocol protocol;
  private final String user;
  private final String password;
  private final Deque<String> responses = new ArrayDeque<>();
  private SaslCommand command;
  private OriginVerdicts verdicts;

  /**
   * @param user without NUL, as the password
   */
  public PasswordExchange(MailProtocol protocol, String user, String password) {
    this.protocol = protocol;
    this.user = user;
    this.password = password;
    this.command = new SaslCommand(protocol, PLAIN);
    this.verdicts = verdicts();
  }

  /**
   * The SASL mechanisms in a list of capabilities, in capitals. Some SMTP servers write {@code
   * AUTH=LOGIN}, as IMAP does.
   */
  public static Set<String> mechanisms(MailProtocol protocol, List<String> capabilities) {
    String keyword = protocol == MailProtocol.POP3 ? "SASL" : "AUTH";
    return capabilities.stream()
        .map(line -> line.toUpperCase(Locale.ROOT).split("[ =]+", -1))
        .filter(words -> words[0].equals(keyword))
        .flatMap(words -> List.of(words).subList(1, words.length).stream())
        .collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public XoauthStep begin(List<String> capabilities) {
    Set<String> offered = mechanisms(protocol, capabilities);
    if (!offered.contains(PLAIN) && !offered.contains(LOGIN)) {
      return new XoauthStep.Refused(
          XoauthStep.Refusal.LASTING,
          "the origin offers neither PLAIN nor LOGIN"
              + (offered.isEmpty()
                  ? ", and no other sign-in"
                  : ", only " + String.join(" ", offered.stream().sorted().limit(8).toList())),
          null);
    }
    String response = base64("\0" + user + "\0" + password);
    if (offered.contains(PLAIN)) {
      if (command.fits(response, capabilities)) {
        return new XoauthStep.Send(command.line() + " " + response);
      }
      responses.add(response);
    } else {
      command = new SaslCommand(protocol, LOGIN);
      verdicts = verdicts();
      responses.add(base64(user));
      responses.add(base64(password));
    }
    return new XoauthStep.Send(command.line());
  }

  @Override
  public XoauthStep next(List<String> reply) {
    if (!command.isChallenge(reply.get(reply.size() - 1))) {
      return verdicts.of(reply);
    }
    String response = responses.poll();
    return response == null ? verdicts.unexpectedChallenge() : new XoauthStep.Send(response);
  }

  private OriginVerdicts verdicts() {
    return new OriginVerdicts(
        protocol,
        command.mechanism(),
        List.of(base64("\0" + user + "\0" + password), base64(password), password));
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public String toString() {
    return command.mechanism() + " by " + protocol;
  }
}
