package org.tlsuplift.proxy.setup.signin;

import org.tlsuplift.proxy.context.SessionReport;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.MessageRefusal;
import org.tlsuplift.proxy.setup.Setup;
import org.tlsuplift.proxy.signin.guard.GuardCallbacks;

/**
 * Hands on what the guard of a signed-in device did not let pass.
 *
 * @param mailbox whom the device is signed in as
 * @param session is told when the guard ends it
 */
record GuardReport(SessionReport report, String mailbox, Setup.Callbacks session)
    implements GuardCallbacks {
  @Override
  public void messageRefused(MessageRefusal refusal, String detail) {
    report.messageRefused(refusal, mailbox, detail);
  }

  @Override
  public void guardEnded(CloseReason reason, String detail) {
    session.conversationEnded(reason, detail);
  }
}
