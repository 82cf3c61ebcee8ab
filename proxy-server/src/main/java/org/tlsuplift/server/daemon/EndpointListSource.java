package org.tlsuplift.server.daemon;

import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.tlsuplift.proxy.route.RouteTable;
import org.tlsuplift.server.config.ConfiguredRoutes;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.daemon.watch.EndpointListWatch;
import org.tlsuplift.server.https.HttpsService;
import org.tlsuplift.server.mapping.ResolvedConfig;
import org.tlsuplift.server.microsoft365.ListRefresher;
import org.tlsuplift.server.microsoft365.ListService;
import org.tlsuplift.server.microsoft365.ListStore;
import org.tlsuplift.server.microsoft365.PublishedList;

/** Opens what refreshes the endpoint list of a checked configuration. */
public final class EndpointListSource {
  /** Microsoft's list has some 25 KB. */
  private static final HttpsService.Bounds BOUNDS =
      new HttpsService.Bounds(Duration.ofSeconds(30), 1 << 20);

  private EndpointListSource() {}

  public static ListStore store(ServerConfig config) {
    return new ListStore(config.dataDirectory(), config.microsoft365().cloud());
  }

  /**
   * The connection to the web service leaves as those to origins do; each refresh opens its own.
   */
  public static ListRefresher refresher(ServerConfig config, ResolvedConfig resolvedConfig) {
    return new ListRefresher(
        () -> service(config, resolvedConfig), store(config), Clock.systemUTC());
  }

  private static ListService service(ServerConfig config, ResolvedConfig resolvedConfig) {
    URI url = config.microsoft365().url();
    HttpsService https =
        new HttpsService(
            HttpsService.server(url), "microsoft365.url", BOUNDS, resolvedConfig.outgoing());
    return new ListService(https, url, config.microsoft365().cloud());
  }

  /**
   * Keeps the routes of a configuration current; not started.
   *
   * @param replace gets the routes of each newer list, on the thread that checks
   */
  static EndpointListWatch watch(
      ServerConfig config, ResolvedConfig resolvedConfig, Consumer<RouteTable> replace) {
    return new EndpointListWatch(
        ConfiguredRoutes.usesPublishedList(config.routes()),
        resolvedConfig.published(),
        store(config),
        refresher(config, resolvedConfig),
        config.microsoft365().refresh(),
        list -> replace.accept(routes(config, resolvedConfig.routes(), list)),
        Clock.systemUTC(),
        () -> ThreadLocalRandom.current().nextDouble());
  }

  /** The routes with another list; the egress of each stays. */
  private static RouteTable routes(ServerConfig config, RouteTable last, PublishedList list) {
    return ConfiguredRoutes.of(
        config.routes(),
        list,
        last.routes().stream()
            .map(route -> Objects.requireNonNull(route.egress(), "egress"))
            .toList());
  }
}
