package org.tlsuplift.server.it.matrix;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;
import org.tlsuplift.server.it.lab.LeafKind;

/**
 * A column of the handshake matrix: a server that ends TLS for the origin.
 *
 * @param name as the table says it
 * @param doors where it listens, by the certificate that it shows there
 */
record Contestant(String name, Map<LeafKind, Door> doors) {
  Contestant {
    doors = Map.copyOf(doors);
  }

  /**
   * A port of it.
   *
   * @param trusted what devices must trust there
   */
  record Door(InetSocketAddress address, Path trusted) {}

  Door door(LeafKind leaf) {
    Door door = doors.get(leaf);
    if (door == null) {
      throw new IllegalArgumentException(name + " has no " + leaf);
    }
    return door;
  }

  @Override
  public String toString() {
    return name;
  }
}
