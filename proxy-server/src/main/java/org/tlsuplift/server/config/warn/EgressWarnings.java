package org.tlsuplift.server.config.warn;

import java.util.Objects;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.server.config.Microsoft365Endpoints;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.UpstreamProxySetting;
import org.tlsuplift.server.config.yaml.Problems;

/** Warns of headers that go where nobody understands them. */
final class EgressWarnings {
  private EgressWarnings() {}

  static void check(ServerConfig config, Problems problems) {
    for (int i = 0; i < config.routes().size(); i++) {
      ServerConfig.Route route = config.routes().get(i);
      boolean straight =
          Objects.requireNonNullElse(route.via(), config.upstream().via())
              instanceof UpstreamProxySetting.Direct;
      ServerConfig.SendProxyHeader header =
          Objects.requireNonNullElse(route.sendProxyHeader(), config.upstream().sendProxyHeader());
      if (route.action() != Action.DENY
          && straight
          && header == ServerConfig.SendProxyHeader.V2
          && route.to().contains(Microsoft365Endpoints.NAME)) {
        problems.warning(
            route.sendProxyHeader() == null
                ? "upstream.sendProxyHeader"
                : "routes[" + i + "].sendProxyHeader",
            "Microsoft 365 takes no PROXY headers, and would be sent one by routes[" + i + "]",
            "send it to a proxy of yours, named by 'via', or write 'sendProxyHeader: none' there");
      }
    }
  }
}
