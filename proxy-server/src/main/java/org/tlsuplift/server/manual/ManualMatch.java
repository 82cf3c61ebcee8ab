package org.tlsuplift.server.manual;

import java.util.Optional;

/**
 * A result of a search.
 *
 * @param page the page
 * @param section the section; empty for the page as a whole
 */
public record ManualMatch(ManualPage page, Optional<ManualPage.Section> section) {
  /** The argument of {@code tls-uplift manual}, such as {@code install-ca#brother}. */
  public String target() {
    return page.topic() + section.map(found -> "#" + found.anchor()).orElse("");
  }

  /** The title of the page and of the section. */
  public String title() {
    return page.title().title() + section.map(found -> ": " + found.title()).orElse("");
  }
}
