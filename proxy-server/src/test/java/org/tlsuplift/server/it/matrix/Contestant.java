package org.tlsuplift.server.it.matrix;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;
import org.tlsuplift.server.it.lab.LeafKind;

/**
 * A column of the handshake matrix: a server that ends TLS for the origin.
 *
 * @param name as the table says it
 * @param endpoints where it listens, by the certificate that it shows there
 */
record Contestant(String name, Map<LeafKind, Endpoint> endpoints) {
  Contestant {
    endpoints = Map.copyOf(endpoints);
  }

  /**
   * A port of it.
   *
   * @param trusted what devices must trust there
   */
  record Endpoint(InetSocketAddress address, Path trusted) {}

  Endpoint endpoint(LeafKind leaf) {
    Endpoint endpoint = endpoints.get(leaf);
    if (endpoint == null) {
      throw new IllegalArgumentException(name + " has no " + leaf);
    }
    return endpoint;
  }

  @Override
  public String toString() {
    return name;
  }
}
