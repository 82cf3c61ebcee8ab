package org.tlsuplift.server.feature;

import org.tlsuplift.proxy.model.Labelled;

/** What a user or token of the admin port may do. Each role may do what the roles before it may. */
public enum Role implements Labelled {
  /** Reads everything and changes nothing. */
  VIEWER,
  /** Works with accounts, sends test mails and starts retries. */
  OPERATOR,
  /** May do everything. */
  ADMINISTRATOR;

  /** Whether this role is enough where another one is needed. */
  public boolean includes(Role needed) {
    return compareTo(needed) >= 0;
  }
}
