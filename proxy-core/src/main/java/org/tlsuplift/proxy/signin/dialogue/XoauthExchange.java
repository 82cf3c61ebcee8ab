package org.tlsuplift.proxy.signin.dialogue;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.signin.AccessToken;

/**
 * The sign-in to an origin with XOAUTH2: the lines to send, and the meaning of the replies.
 *
 * <p>The token goes into the first line if that line may be long enough; otherwise it follows the
 * origin's challenge. An origin that refuses may first send an explanation as a challenge, which
 * expects an empty response. For one connection; not thread-safe. Microsoft documents the format
 * ("Authenticate an IMAP, POP or SMTP connection using OAuth").
 */
public final class XoauthExchange {
  /** In bytes: RFC 5321 section 4.5.3.1.4. RFC 4954 section 4 keeps it for an initial response. */
  private static final int SMTP_LINE = 512;

  /** RFC 7162 section 4: IMAP servers accept lines of 8,192 bytes. */
  private static final int IMAP_LINE = 8192;

  private static final int LINE_END = 2;
  private static final int MAX_CHALLENGES = 2;

  private final MailProtocol protocol;
  private final OriginVerdicts verdicts;
  private final String response;
  private boolean responded;
  private int challenges;

  public XoauthExchange(MailProtocol protocol, String mailbox, AccessToken token) {
    this.protocol = protocol;
    this.response =
        Base64.getEncoder()
            .encodeToString(
                ("user=" + mailbox + "\u0001auth=Bearer " + token.value() + "\u0001\u0001")
                    .getBytes(StandardCharsets.UTF_8));
    this.verdicts = new OriginVerdicts(protocol, List.of(response, token.value()));
  }

  /**
   * The first line, without CRLF.
   *
   * @param capabilities the origin's capabilities
   */
  public String opening(List<String> capabilities) {
    String command = protocol == MailProtocol.IMAP ? "AUTHENTICATE XOAUTH2" : "AUTH XOAUTH2";
    responded =
        switch (protocol) {
          case SMTP -> command.length() + 1 + response.length() + LINE_END <= SMTP_LINE;
          case IMAP ->
              // RFC 4959. 64 bytes leave room for the tag and the command.
              capabilities.stream().anyMatch("SASL-IR"::equalsIgnoreCase)
                  && response.length() + 64 <= IMAP_LINE;
          // Lines have 255 bytes (RFC 2449 section 4), and Microsoft documents two steps.
          case POP3 -> false;
        };
    return responded ? command + " " + response : command;
  }

  /**
   * The step after a reply.
   *
   * @param reply the lines of the reply, at least one
   */
  public XoauthStep next(List<String> reply) {
    String last = reply.get(reply.size() - 1);
    if (!isChallenge(last)) {
      return verdicts.of(reply);
    }
    if (!responded) {
      responded = true;
      return new XoauthStep.Send(response);
    }
    challenges++;
    return challenges > MAX_CHALLENGES
        ? new XoauthStep.Refused(
            XoauthStep.Refusal.LASTING,
            "the origin's reply to XOAUTH2 is one challenge too many",
            null)
        : new XoauthStep.Send(challenges == 1 ? "" : "*");
  }

  private boolean isChallenge(String line) {
    return switch (protocol) {
      case SMTP -> line.startsWith("334");
      case IMAP -> line.startsWith("+");
      case POP3 -> line.startsWith("+") && !line.toUpperCase(Locale.ROOT).startsWith("+OK");
    };
  }

  @Override
  public String toString() {
    return "XOAUTH2 by " + protocol;
  }
}
