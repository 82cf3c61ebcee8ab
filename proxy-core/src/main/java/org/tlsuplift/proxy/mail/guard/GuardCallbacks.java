package org.tlsuplift.proxy.mail.guard;

import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.MessageRefusal;

/** Receives the refusals of a {@link SmtpGuard}. Called on the session's event loop. */
public interface GuardCallbacks {
  /**
   * The guard refused a message at its MAIL FROM. The device has its reply; the session continues.
   *
   * @param detail one line for the operator
   */
  void messageRefused(MessageRefusal refusal, String detail);

  /**
   * No more bytes can pass safely. The guard has written the last reply to the device, and sends
   * nothing more to the origin. The receiver must end the session.
   *
   * @param detail one line for the operator
   */
  void guardEnded(CloseReason reason, String detail);
}
