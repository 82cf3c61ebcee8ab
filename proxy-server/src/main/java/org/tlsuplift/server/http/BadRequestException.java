package org.tlsuplift.server.http;

import org.tlsuplift.server.audit.AuditRecord.Result;

/**
 * A request is invalid.
 *
 * <p>Under {@code /api/} it becomes a problem detail (RFC 9457), elsewhere a line of text.
 */
public final class BadRequestException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final boolean unknown;

  /**
   * Refuses a request.
   *
   * @param status from 400 to 599
   * @param message one line for the sender: the key, the value got, the values allowed
   */
  public BadRequestException(int status, String message) {
    this(status, message, false);
  }

  private BadRequestException(int status, String message, boolean unknown) {
    super(message);
    this.unknown = unknown;
    if (status < 400 || status > 599) {
      throw new IllegalArgumentException("not the status of an error: " + status);
    }
    this.status = status;
  }

  /** Reports that a change may have been made, because a server did not confirm it. */
  public static BadRequestException unknown(String message) {
    return new BadRequestException(503, message, true);
  }

  /** The result for the audit log. */
  Result result() {
    return unknown ? Result.UNKNOWN : Result.REFUSED;
  }

  public int status() {
    return status;
  }
}
