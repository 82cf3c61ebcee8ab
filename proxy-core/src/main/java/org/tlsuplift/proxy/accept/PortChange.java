package org.tlsuplift.proxy.accept;

import java.net.InetSocketAddress;
import java.util.List;

/**
 * The ports that another configuration adds and removes. The added ports are bound, and the kernel
 * queues their connections until {@link #complete}. The methods block for at most half a second;
 * event loops must not call them.
 */
public final class PortChange {
  private final Listeners listeners;
  private final List<ListeningSocket> added;
  private final List<ListeningSocket> removed;

  PortChange(Listeners listeners, List<ListeningSocket> added, List<ListeningSocket> removed) {
    this.listeners = listeners;
    this.added = List.copyOf(added);
    this.removed = List.copyOf(removed);
  }

  public List<InetSocketAddress> added() {
    return added.stream().map(ListeningSocket::address).toList();
  }

  public List<InetSocketAddress> removed() {
    return removed.stream().map(ListeningSocket::address).toList();
  }

  /** Accepts on the added ports, and stops accepting on the removed ones; sessions continue. */
  public void complete() {
    listeners.complete(added, removed);
  }
}
