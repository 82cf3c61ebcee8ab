package org.tlsuplift.server.microsoft365;

/** The web service has not sent what was asked for; the message is for the operator. */
class ListServiceException extends Exception {
  private static final long serialVersionUID = 1L;

  ListServiceException(String message) {
    super(message);
  }

  /** The service wants no more requests for an hour. */
  static final class TooManyRequests extends ListServiceException {
    private static final long serialVersionUID = 1L;

    TooManyRequests(String message) {
      super(message);
    }
  }
}
