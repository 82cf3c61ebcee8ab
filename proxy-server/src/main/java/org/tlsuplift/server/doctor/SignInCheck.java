package org.tlsuplift.server.doctor;

import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.List;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.signin.AccessToken;
import org.tlsuplift.proxy.signin.dialogue.XoauthExchange;
import org.tlsuplift.proxy.signin.dialogue.XoauthStep;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;
import org.tlsuplift.proxy.upstream.mail.OriginSignInResult;

/**
 * Signs in as the proxy does for a device, and checks the senders with MAIL FROM. Sends no mail.
 */
final class SignInCheck {
  private static final int MAX_SENDERS = 10;

  private final MailOriginConnection way;
  private final CheckTarget checkTarget;

  SignInCheck(MailOriginConnection way, CheckTarget checkTarget) {
    this.way = way;
    this.checkTarget = checkTarget;
  }

  /**
   * Signs in and checks the senders.
   *
   * @param senders the other addresses to send as; only the first few are checked
   */
  List<Finding> examine(AccessToken token, List<String> senders) throws InterruptedException {
    List<Finding> findings = new ArrayList<>();
    Future<OriginSignInResult> answer =
        way.signIn(new XoauthExchange(checkTarget.protocol(), checkTarget.mailbox(), token));
    if (!answer.isSuccess()) {
      findings.add(
          Finding.failed(
              Step.SIGN_IN,
              Diagnosis.of(
                  FailureKind.UNREACHABLE, "try again: the origin was reachable a moment ago"),
              String.valueOf(answer.cause().getMessage()).strip()));
    } else if (answer.getNow() instanceof OriginSignInResult.Refused refused) {
      XoauthStep.Refused why = refused.refused();
      findings.add(
          Finding.failed(Step.SIGN_IN, OriginRemedies.signIn(checkTarget, why), why.detail()));
    } else if (answer.getNow() instanceof OriginSignInResult.SignedIn signedIn) {
      findings.add(Finding.ok(Step.SIGN_IN, "as " + checkTarget.mailbox()));
      send(signedIn.connection(), senders, findings);
    } else {
      throw new UnhandledVariantException(answer.getNow());
    }
    return findings;
  }

  private void send(OriginConnection connection, List<String> senders, List<Finding> findings)
      throws InterruptedException {
    if (checkTarget.protocol() != MailProtocol.SMTP) {
      findings.add(Finding.skipped(Step.SENDER, "the protocol does not send mail"));
      connection.channel().close().awaitUninterruptibly();
      return;
    }
    try (SmtpCommands talk = SmtpCommands.on(connection)) {
      findings.add(sender(talk, checkTarget.mailbox()));
      for (String sender : senders.stream().limit(MAX_SENDERS).toList()) {
        if (!sender.equalsIgnoreCase(checkTarget.mailbox())) {
          findings.add(sender(talk, sender));
        }
      }
      talk.ask("QUIT");
    }
  }

  private Finding sender(SmtpCommands talk, String sender) throws InterruptedException {
    String reply = talk.ask("MAIL FROM:<" + sender + ">");
    String seen = sender + ": " + (reply.isEmpty() ? "no response" : "'" + reply + "'");
    if (reply.startsWith("2")) {
      talk.ask("RSET");
      return Finding.ok(
          Step.SENDER, seen + " (Exchange Online checks SendAs later, with the message)");
    }
    return Finding.failed(Step.SENDER, OriginRemedies.sender(checkTarget, sender, reply), seen);
  }
}
