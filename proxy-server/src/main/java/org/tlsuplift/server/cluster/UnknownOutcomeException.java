package org.tlsuplift.server.cluster;

import org.tlsuplift.proxy.outcome.OperatorException;

/** The database did not confirm a change of the accounts, which may have been made. */
public final class UnknownOutcomeException extends OperatorException {
  private static final long serialVersionUID = 1L;

  private final String object;

  UnknownOutcomeException(String id, String object) {
    super(
        "look at the accounts before you repeat it, because this may have happened: the database did"
            + " not confirm change "
            + id
            + "; the audit log has the outcome after the database responds");
    this.object = object;
  }

  /** The changed accounts, for the audit log. */
  public String object() {
    return object;
  }
}
