package org.tlsuplift.proxy.listener;

import org.tlsuplift.proxy.guard.GuardListener;
import org.tlsuplift.proxy.session.CloseReason;
import org.tlsuplift.proxy.session.MessageRefusal;

/**
 * Hands on what the guard of a signed-in device did not let pass.
 *
 * @param mailbox whom the device is signed in as
 * @param session is told when the guard ends it
 */
record GuardReport(SessionReport report, String mailbox, Opening.Listener session)
    implements GuardListener {
  @Override
  public void messageRefused(MessageRefusal refusal, String detail) {
    report.messageRefused(refusal, mailbox, detail);
  }

  @Override
  public void guardEnded(CloseReason reason, String detail) {
    session.conversationEnded(reason, detail);
  }
}
