package org.tlsuplift.proxy.tls.hello;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;

/** Counts the read requests of a channel. */
final class ReadCounter extends ChannelOutboundHandlerAdapter {
  private int count;

  int count() {
    return count;
  }

  @Override
  public void read(ChannelHandlerContext ctx) throws Exception {
    count++;
    super.read(ctx);
  }
}
