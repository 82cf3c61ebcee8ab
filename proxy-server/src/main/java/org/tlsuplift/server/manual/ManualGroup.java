package org.tlsuplift.server.manual;

import java.util.List;

/**
 * Pages under one heading of the index.
 *
 * @param title of the group
 * @param pages in their order
 */
public record ManualGroup(String title, List<ManualPage> pages) {
  public ManualGroup {
    pages = List.copyOf(pages);
  }
}
