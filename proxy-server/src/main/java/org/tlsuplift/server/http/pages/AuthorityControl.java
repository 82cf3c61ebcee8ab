package org.tlsuplift.server.http.pages;

import java.util.Optional;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.authority.CaStep;

/** Replaces CAs of the running daemon. Blocks. Thread-safe. */
public interface AuthorityControl {
  /**
   * A text that changes with the CA; empty if the operator provided it, so that it cannot be
   * staged.
   *
   * @param listener the only one that uses the CA; empty for the CA of all others
   */
  String state(Optional<String> listener);

  /**
   * Takes a step, and signs with the result at once.
   *
   * @param state that a person has seen
   * @return what holds now, for the audit log
   * @throws OperatorException if the state is another one, or the step cannot be taken
   */
  String take(CaStep step, Optional<String> listener, String state) throws OperatorException;
}
