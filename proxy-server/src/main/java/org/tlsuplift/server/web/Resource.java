package org.tlsuplift.server.web;

/** Answers requests for a path of the admin port. */
@FunctionalInterface
public interface Resource {
  /**
   * Answers a GET, or a HEAD, whose answer is the same without its body.
   *
   * <p>Runs on one of a few threads that are there for it: it may block, on a database for one, but
   * not for long. After ten seconds the request is answered with 503 and the thread is interrupted.
   * Several may run at once.
   *
   * @throws BadRequestException to answer with an error that the asker can do something about
   * @throws Exception any other is logged, and answered with 500 and no details
   */
  Response answer(Request request) throws Exception;
}
