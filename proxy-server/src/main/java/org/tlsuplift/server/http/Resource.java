package org.tlsuplift.server.http;

/** Responds to requests for a path of the admin port. */
@FunctionalInterface
public interface Resource {
  /**
   * Responds to a GET or HEAD; the response to HEAD is sent without its body.
   *
   * <p>Runs on one of a few threads for blocking work, such as a database query. The limit is ten
   * seconds: then the admin port responds with 503 and interrupts the thread. Several calls may run
   * at once.
   *
   * @throws BadRequestException for an error that the sender can correct
   * @throws Exception any other is logged; the response is 500 without details
   */
  Response answer(Request request) throws Exception;
}
