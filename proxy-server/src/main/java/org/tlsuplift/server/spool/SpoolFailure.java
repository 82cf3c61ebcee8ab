package org.tlsuplift.server.spool;

import org.tlsuplift.server.feature.FailureKind;

/** What the doctor finds about the messages that wait. */
public enum SpoolFailure implements FailureKind {
  SPOOL_UNREADABLE(43, "the messages that wait cannot be read"),
  SPOOL_CLOSED(44, "the spool refuses new mail");

  private final int exitCode;
  private final String title;

  SpoolFailure(int exitCode, String title) {
    this.exitCode = exitCode;
    this.title = title;
  }

  @Override
  public int exitCode() {
    return exitCode;
  }

  @Override
  public String title() {
    return title;
  }
}
