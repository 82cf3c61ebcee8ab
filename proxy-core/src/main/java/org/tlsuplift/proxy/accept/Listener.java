package org.tlsuplift.proxy.accept;

import java.net.InetSocketAddress;
import org.tlsuplift.proxy.context.ListenerSpec;

/**
 * One bound port. A specification with several addresses has several listeners.
 *
 * @param address the bound address, with the port that the kernel chose
 * @param inherited whether another process, such as systemd, bound the socket, and can give it to a
 *     successor of this process
 */
public record Listener(ListenerSpec spec, InetSocketAddress address, boolean inherited) {}
