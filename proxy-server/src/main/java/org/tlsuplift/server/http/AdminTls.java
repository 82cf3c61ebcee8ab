package org.tlsuplift.server.http;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler;

/** Makes the TLS of the admin port. */
public interface AdminTls extends AutoCloseable {
  /**
   * The handler for a new connection, with the current certificate. On the event loop: never
   * blocks.
   */
  ChannelHandler handler(ByteBufAllocator allocator);

  /** Frees the certificate; connections that are still open keep theirs until they end. */
  @Override
  void close();
}
