package org.tlsuplift.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.atomic.LongAdder;

/** A device that begins with TLS and makes requests of {@link OriginHandler}. */
final class RequestingDevice extends Device {
  private final Exchange exchange;
  private long toRead;
  private long toWrite;

  RequestingDevice(DeviceTls tls, int port, LongAdder resumed, Events events, Exchange exchange) {
    super(tls, port, resumed, events);
    this.exchange = exchange;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    super.handlerAdded(ctx);
    startTls();
  }

  @Override
  void request() {
    toRead = exchange.answerBytes();
    toWrite = exchange.uploadBytes();
    var unused = channel().write(exchange.request(channel().alloc()));
    upload();
  }

  private void upload() {
    while (toWrite > 0 && channel().isWritable()) {
      ByteBuf part = exchange.payload(toWrite);
      toWrite -= part.readableBytes();
      var unused = channel().write(part);
    }
    channel().flush();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (toWrite > 0) {
      upload();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    toRead -= ((ByteBuf) message).readableBytes();
    ReferenceCountUtil.release(message);
    if (toRead < 0) {
      fail(new IllegalStateException("more than was asked for"));
    } else if (toRead == 0) {
      done();
    }
  }
}
