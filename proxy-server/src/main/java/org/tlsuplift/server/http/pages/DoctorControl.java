package org.tlsuplift.server.http.pages;

import java.util.List;
import java.util.Optional;

/**
 * Runs the doctor and sends test messages, with the configuration in use. The methods read the
 * disk. They throw an {@link IllegalArgumentException} if nothing can be checked, with the reason.
 */
public interface DoctorControl {
  /**
   * The names of the mail listeners that can be checked.
   *
   * @param submission only those that accept messages
   */
  List<String> listeners(boolean submission);

  /** What it checks even without a mail listener. */
  List<String> others();

  /**
   * @param listener empty for all
   * @param account a login or mailbox; empty for all
   */
  Steps.Work examine(Optional<String> listener, Optional<String> account) throws Exception;

  /**
   * A test message.
   *
   * @param account a login or mailbox; empty if the listener has at most one
   * @param from empty for the mailbox of the account, or an allowed sender of the listener
   * @param password of the device; empty if it does not sign in
   * @param anywhere whether the addresses may be outside the domains of the accounts and senders
   */
  record Letter(
      String listener,
      Optional<String> account,
      String to,
      Optional<String> from,
      Optional<String> password,
      boolean anywhere) {
    /** Without the password. */
    @Override
    public String toString() {
      return "Letter[" + listener + " to " + to + "]";
    }
  }

  Steps.Work send(Letter letter) throws Exception;
}
