package org.tlsuplift.server.http;

/**
 * A request is invalid.
 *
 * <p>Under {@code /api/} it becomes a problem detail (RFC 9457), elsewhere a line of text.
 */
public final class BadRequestException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int status;

  /**
   * Refuses a request.
   *
   * @param status from 400 to 599
   * @param message one line for the sender: the key, the value got, the values allowed
   */
  public BadRequestException(int status, String message) {
    super(message);
    if (status < 400 || status > 599) {
      throw new IllegalArgumentException("not the status of an error: " + status);
    }
    this.status = status;
  }

  public int status() {
    return status;
  }
}
