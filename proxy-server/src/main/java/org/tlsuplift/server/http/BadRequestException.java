package org.tlsuplift.server.http;

import org.tlsuplift.server.feature.Change;

/**
 * A request is invalid.
 *
 * <p>Under {@code /api/} it becomes a problem detail (RFC 9457), elsewhere a line of text.
 */
public final class BadRequestException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final transient Change change;

  /**
   * Refuses a request.
   *
   * @param status from 400 to 599
   * @param message one line for the sender: the key, the value got, the values allowed
   */
  public BadRequestException(int status, String message) {
    this(status, Change.refused("", message));
  }

  private BadRequestException(int status, Change change) {
    super(change.after());
    this.change = change;
    if (status < 400 || status > 599) {
      throw new IllegalArgumentException("not the status of an error: " + status);
    }
    this.status = status;
  }

  /** Reports that a change may have been made, because a server did not confirm it. */
  public static BadRequestException unknown(Change change) {
    return new BadRequestException(503, change);
  }

  /** The record for the audit log. */
  Change change() {
    return change;
  }

  public int status() {
    return status;
  }
}
