package org.tlsuplift.proxy.signin.dialogue;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.signin.AccessToken;

/**
 * The sign-in to an origin with XOAUTH2.
 *
 * <p>The token goes into the first line if that line may be long enough; otherwise it follows the
 * origin's challenge. An origin that refuses may first send an explanation as a challenge, which
 * expects an empty response. Microsoft documents the format ("Authenticate an IMAP, POP or SMTP
 * connection using OAuth").
 */
public final class XoauthExchange implements OriginExchange {
  private static final String MECHANISM = "XOAUTH2";
  private static final int MAX_CHALLENGES = 2;

  private final SaslCommand command;
  private final OriginVerdicts verdicts;
  private final String response;
  private boolean responded;
  private int challenges;

  public XoauthExchange(MailProtocol protocol, String mailbox, AccessToken token) {
    this.command = new SaslCommand(protocol, MECHANISM);
    this.response =
        Base64.getEncoder()
            .encodeToString(
                ("user=" + mailbox + "\u0001auth=Bearer " + token.value() + "\u0001\u0001")
                    .getBytes(StandardCharsets.UTF_8));
    this.verdicts = new OriginVerdicts(protocol, MECHANISM, List.of(response, token.value()));
  }

  @Override
  public XoauthStep begin(List<String> capabilities) {
    return new XoauthStep.Send(opening(capabilities));
  }

  /** The first line, without CRLF. */
  String opening(List<String> capabilities) {
    responded = command.fits(response, capabilities);
    return responded ? command.line() + " " + response : command.line();
  }

  @Override
  public XoauthStep next(List<String> reply) {
    if (!command.isChallenge(reply.get(reply.size() - 1))) {
      return verdicts.of(reply);
    }
    if (!responded) {
      responded = true;
      return new XoauthStep.Send(response);
    }
    challenges++;
    return challenges > MAX_CHALLENGES
        ? verdicts.unexpectedChallenge()
        : new XoauthStep.Send(challenges == 1 ? "" : "*");
  }

  @Override
  public String toString() {
    return MECHANISM + " by " + command.protocol();
  }
}
