package org.tlsuplift.proxy.signin.dialogue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.signin.AccessToken;

/**
 * The sign-in to an origin by SASL: the lines to send, and the meaning of the replies. For one
 * connection, whose origin the caller has verified under TLS; not thread-safe.
 *
 * <p>A token goes by XOAUTH2. Microsoft documents its format ("Authenticate an IMAP, POP or SMTP
 * connection using OAuth"). A password goes by PLAIN (RFC 4616), or by LOGIN
 * (draft-murchison-sasl-login) at an origin without PLAIN, such as Microsoft's.
 *
 * <p>The first response goes into the command if that line may be long enough; otherwise it follows
 * the origin's challenge.
 */
public final class OriginExchange {
  private static final String XOAUTH2 = "XOAUTH2";
  private static final String PLAIN = "PLAIN";
  private static final String LOGIN = "LOGIN";

  private final MailProtocol protocol;
  private final Map<String, List<String>> responsesOf;
  private final List<String> secrets;
  private final Deque<String> responses = new ArrayDeque<>();
  private SaslCommand command;

  /**
   * @param responsesOf each mechanism
   * @param secrets that no detail of a refusal repeats
   */
  private OriginExchange(
      MailProtocol protocol,
      String mechanism,
      Map<String, List<String>> responsesOf,
      List<String> secrets) {
    this.protocol = protocol;
    this.command = new SaslCommand(protocol, mechanism);
    this.responsesOf = responsesOf;
    this.secrets = secrets;
  }

  public static OriginExchange ofToken(MailProtocol protocol, String mailbox, AccessToken token) {
    String response =
        base64("user=" + mailbox + "\u0001auth=Bearer " + token.value() + "\u0001\u0001");
    // An origin that refuses may first send an explanation as a challenge, which expects an empty
    // response.
    return new OriginExchange(
        protocol,
        XOAUTH2,
        Map.of(XOAUTH2, List.of(response, "", "*")),
        List.of(response, token.value()));
  }

  /**
   * @param user without NUL, as the password
   */
  public static OriginExchange ofPassword(MailProtocol protocol, String user, String password) {
    String both = base64("\0" + user + "\0" + password);
    return new OriginExchange(
        protocol,
        PLAIN,
        Map.of(PLAIN, List.of(both), LOGIN, List.of(base64(user), base64(password))),
        List.of(both, base64(password), password));
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

  /**
   * The first step: a command, or a refusal if the origin does not offer the sign-in.
   *
   * @param capabilities the origin's capabilities under TLS
   */
  public XoauthStep begin(List<String> capabilities) {
    Set<String> offered = mechanisms(protocol, capabilities);
    if (command.mechanism().equals(PLAIN) && !offered.contains(PLAIN)) {
      if (!offered.contains(LOGIN)) {
        return new XoauthStep.Refused(
            XoauthStep.Refusal.LASTING,
            "the origin offers neither PLAIN nor LOGIN"
                + (offered.isEmpty()
                    ? ", and no other sign-in"
                    : ", only " + String.join(" ", offered.stream().sorted().limit(8).toList())),
            null);
      }
      command = new SaslCommand(protocol, LOGIN);
    }
    responses.addAll(responsesOf.getOrDefault(command.mechanism(), List.of()));
    return new XoauthStep.Send(
        !command.mechanism().equals(LOGIN) && command.fits(responses.element(), capabilities)
            ? command.line() + " " + responses.remove()
            : command.line());
  }

  /**
   * The step after a reply.
   *
   * @param reply the lines of the reply, at least one
   */
  public XoauthStep next(List<String> reply) {
    OriginVerdicts verdicts = new OriginVerdicts(protocol, command.mechanism(), secrets);
    if (!command.isChallenge(reply.get(reply.size() - 1))) {
      return verdicts.of(reply);
    }
    String response = responses.poll();
    return response == null ? verdicts.unexpectedChallenge() : new XoauthStep.Send(response);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public String toString() {
    return command.mechanism() + " by " + protocol;
  }
}
