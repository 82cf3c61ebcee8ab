package org.tlsuplift.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** Ports on loopback that nobody listens on. */
final class FreePorts {
  /** Below the range from which Linux takes the ports of outgoing connections. */
  private static final int MIN_PORT = 21000;

  private static final int MAX_PORT = 32000;

  private int nextPort = MIN_PORT;

  int next() {
    while (nextPort < MAX_PORT) {
      try (ServerSocket socket =
          new ServerSocket(nextPort++, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (IOException taken) {
        // The next one, then.
      }
    }
    throw new IllegalStateException("no free port from " + MIN_PORT + " to " + MAX_PORT);
  }

  /** One for each origin. */
  Contestant.Ports forOrigins() {
    return new Contestant.Ports(next(), next(), next());
  }
}
