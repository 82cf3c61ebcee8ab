package org.tlsuplift.server.doctor;

import io.netty.util.concurrent.Future;
import java.util.List;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.signin.dialogue.OriginExchange;
import org.tlsuplift.proxy.signin.dialogue.XoauthStep;
import org.tlsuplift.proxy.upstream.OriginSignInResult;
import org.tlsuplift.server.feature.Diagnosis;
import org.tlsuplift.server.feature.Finding;
import org.tlsuplift.server.feature.Findings;
import org.tlsuplift.server.mail.SmtpCommands;

/**
 * Signs in as the proxy does for a device, and checks the senders with MAIL FROM. Sends no mail.
 *
 * @param mailbox the address of the account's mail
 */
record SignInCheck(
    MailOriginConnection way,
    String mailbox,
    MailProtocol protocol,
    Remedies remedies,
    Findings findings) {
  private static final int MAX_SENDERS = 10;

  /**
   * Signs in and checks the senders.
   *
   * @param exchange the sign-in, for one connection
   * @param user the name by which the origin knows the account
   * @param senders the other addresses to send as; only the first few are checked
   */
  void examine(OriginExchange exchange, String user, List<String> senders)
      throws InterruptedException {
    Future<OriginSignInResult> answer = way.client().signIn(exchange).await();
    if (!answer.isSuccess()) {
      findings.add(
          Finding.failed(
              PathStep.SIGN_IN,
              Diagnosis.of(
                  PathFailure.UNREACHABLE, "try again: the origin was reachable a moment ago"),
              String.valueOf(answer.cause().getMessage()).strip()));
    } else if (answer.getNow() instanceof OriginSignInResult.Refused refused) {
      XoauthStep.Refused why = refused.refused();
      findings.add(Finding.failed(PathStep.SIGN_IN, remedies.signIn(why), why.detail()));
    } else if (answer.getNow() instanceof OriginSignInResult.SignedIn signedIn) {
      findings.add(Finding.ok(PathStep.SIGN_IN, "as " + user));
      send(signedIn, senders);
    } else {
      throw new UnhandledVariantException(answer.getNow());
    }
  }

  private void send(OriginSignInResult.SignedIn signedIn, List<String> senders)
      throws InterruptedException {
    if (protocol != MailProtocol.SMTP) {
      findings.add(Finding.skipped(PathStep.SENDER, "the protocol does not send mail"));
      signedIn.connection().channel().close().awaitUninterruptibly();
      return;
    }
    try (SmtpCommands talk = SmtpCommands.on(signedIn)) {
      findings.add(sender(talk, mailbox));
      for (String sender : senders.stream().limit(MAX_SENDERS).toList()) {
        if (!sender.equalsIgnoreCase(mailbox)) {
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
          PathStep.SENDER,
          seen
              + (remedies instanceof PasswordRemedies
                  ? ""
                  : " (Exchange Online checks SendAs later, with the message)"));
    }
    return Finding.failed(PathStep.SENDER, remedies.sender(sender, reply), seen);
  }
}
