package org.tlsuplift.server.console;

/**
 * The form of an action on a page.
 *
 * @param path where it is sent
 * @param page that has it
 * @param token of the form; empty if it is not shown
 * @param why this visitor cannot send it; empty for those who can
 */
public record ActionForm(String path, String page, String token, String why) {
  public boolean isAllowed() {
    return why.isEmpty();
  }
}
