package org.tlsuplift.server.http;

/** Makes the page that tells people why their request was refused. */
public interface ProblemPage {
  /**
   * The page.
   *
   * @param why one sentence
   * @param back the page to go back to
   */
  Response of(Request request, int status, String why, String back);
}
