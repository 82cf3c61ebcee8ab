package org.tlsuplift.proxy.signin.guard;

import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.MessageRefusal;

/** Receives what a {@link SmtpGuard} did not let pass; on the session's event loop. */
public interface GuardCallbacks {
  /**
   * A message was refused at its MAIL FROM. The device has its reply, and the session continues.
   *
   * @param detail one line for the operator
   */
  void messageRefused(MessageRefusal refusal, String detail);

  /**
   * Nothing more can pass safely. The last reply has been written to the device, nothing more goes
   * to the origin, and the receiver ends the session.
   *
   * @param detail one line for the operator
   */
  void guardEnded(CloseReason reason, String detail);
}
