package org.tlsuplift.server.admin;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler;

/** Makes the TLS of the admin port. */
@FunctionalInterface
public interface AdminTls {
  /**
   * The handler for a new connection, with the certificate that is current now. On the event loop:
   * never blocks.
   */
  ChannelHandler handler(ByteBufAllocator allocator);
}
