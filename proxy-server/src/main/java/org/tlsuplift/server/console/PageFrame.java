package org.tlsuplift.server.console;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The parts that all pages share.
 *
 * @param title of the page
 * @param navigation the pages to choose from
 * @param section the current page of the navigation, or null for other pages
 * @param machine the name of the daemon's machine
 * @param version of the daemon
 * @param made the time at which the page was made
 * @param user who has signed in; empty for nobody
 * @param notice of the action before this page; may be empty
 */
public record PageFrame(
    String title,
    List<NavigationItem> navigation,
    @Nullable NavigationItem section,
    String machine,
    String version,
    String made,
    String user,
    String notice) {
  /** Whether the navigation has this page. */
  public boolean leadsTo(String path) {
    return navigation.stream().anyMatch(item -> item.path().equals(path));
  }
}
