package org.tlsuplift.proxy.mail.guard;

import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.MailMessage;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.MessageRefusal;

/** Receives the reports of a {@link SmtpGuard}. Called on the session's event loop. */
public interface GuardCallbacks {
  /**
   * The guard refused a message at its MAIL FROM, or a recipient. The device has its reply; the
   * session continues.
   *
   * @param detail one line for the operator
   */
  void messageRefused(MessageRefusal refusal, String detail);

  /**
   * No more bytes can pass safely. The guard has written the last reply to the device, and sends
   * nothing more to the origin. The receiver must end the session.
   *
   * @param refusal why a message was refused, or null if there is another reason
   * @param detail one line for the operator
   */
  void guardEnded(CloseReason reason, @Nullable MessageRefusal refusal, String detail);

  /**
   * The device sent HELO or EHLO.
   *
   * @param line the whole command without its line end
   */
  default void introduced(String line) {}

  /** A message ended. Called once for each MAIL, at the latest in {@link SmtpGuard#sessionEnds}. */
  default void messageEnded(MailMessage message) {}
}
