package org.tlsuplift.proxy.accept;

import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.context.SessionServices;

/**
 * A connection with the configuration that it was accepted under.
 *
 * @param peer the other end: a device, or a load balancer that sends a PROXY header
 */
record AcceptedConnection(
    Channel channel, InetSocketAddress peer, ListenerSpec spec, Generation generation) {
  SessionServices services() {
    return generation.services();
  }
}
