package org.tlsuplift.server.daemon;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.api.Api;
import org.tlsuplift.server.inventory.jdbc.DeviceInventory;
import org.tlsuplift.server.pages.PageSources;
import org.tlsuplift.server.pages.Pages;
import org.tlsuplift.server.sessions.LiveSessions;
import org.tlsuplift.server.web.ResourcePath;

/** What the admin port of a daemon serves besides metrics and health. */
final class AdminRoutes {
  private AdminRoutes() {}

  /**
   * All of it.
   *
   * @param inventory null when the configuration does not want one
   * @param sources of the pages
   * @param sessions those that run
   */
  static List<ResourcePath> of(
      @Nullable DeviceInventory inventory, PageSources sources, LiveSessions sessions) {
    List<ResourcePath> routes = new ArrayList<>(new Pages(sources).routes());
    routes.addAll(
        Api.routes(inventory == null ? null : inventory.inventory(), sessions, sources.endings()));
    return routes;
  }
}
