package org.tlsuplift.server.http;

import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The settings of an admin port.
 *
 * @param bind its address; port 0 means any free port
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
