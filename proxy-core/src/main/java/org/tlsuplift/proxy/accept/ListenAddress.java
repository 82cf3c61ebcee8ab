package org.tlsuplift.proxy.accept;

import java.net.InetSocketAddress;
import org.tlsuplift.proxy.context.ListenerSpec;

/**
 * Identifies a port in all configurations of a running proxy.
 *
 * @param address the configured address
 * @param listener the listener's name if the kernel chooses the port, because then several
 *     listeners may have the same address; otherwise empty
 */
record ListenAddress(InetSocketAddress address, String listener) {
  static ListenAddress of(ListenerSpec spec, InetSocketAddress address) {
    return new ListenAddress(address, address.getPort() == 0 ? spec.name() : "");
  }
}
