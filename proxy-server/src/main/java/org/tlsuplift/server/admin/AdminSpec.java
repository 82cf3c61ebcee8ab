package org.tlsuplift.server.admin;

import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.web.ResourcePath;

/**
 * What an admin port is to be.
 *
 * @param bind its address; with port 0 any free one is taken
 * @param tls its TLS, or null for plain HTTP
 * @param access the users and host names
 * @param routes the resources besides metrics and health
 */
public record AdminSpec(
    InetSocketAddress bind, @Nullable AdminTls tls, AdminAccess access, List<ResourcePath> routes) {
  public AdminSpec {
    routes = List.copyOf(routes);
  }
}
