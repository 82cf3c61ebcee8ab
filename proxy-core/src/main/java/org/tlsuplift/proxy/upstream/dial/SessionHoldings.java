package org.tlsuplift.proxy.upstream.dial;

import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.tlsuplift.proxy.model.Permit;
import org.tlsuplift.proxy.relay.AbruptClose;

/**
 * The origin connections and mailbox permits that one session holds.
 *
 * <p>When the session ends, it releases all of them. A resource that is added later is released
 * immediately. Permits end after the last connection has closed, because the origin counts
 * connections. Runs on the session's event loop.
 */
public final class SessionHoldings {
  private final Set<Channel> connections = new HashSet<>(4);
  private final List<Permit> permits = new ArrayList<>(1);
  private boolean released;

  /** Holds a connection from its first attempt until it closes. */
  public void add(Channel connection) {
    connections.add(connection);
    connection.closeFuture().addListener(closed -> closed(connection));
    if (released) {
      var unused = connection.close();
    }
  }

  /** Holds a permit, which the caller may also end earlier. */
  public void add(Permit permit) {
    if (released) {
      permit.end();
    } else {
      permits.add(permit);
    }
  }

  public void release() {
    released = true;
    for (Channel connection : List.copyOf(connections)) {
      // The origin must not take what it got for a complete request.
      AbruptClose.close(connection);
    }
    endPermits();
  }

  private void closed(Channel connection) {
    connections.remove(connection);
    endPermits();
  }

  private void endPermits() {
    if (released && connections.isEmpty()) {
      permits.forEach(Permit::end);
      permits.clear();
    }
  }
}
