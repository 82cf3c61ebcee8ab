package org.tlsuplift.proxy.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MailText;

/**
 * An origin's channel without a socket: a {@link SpoolSession} reads what is written to it, and
 * writes what is read from it. Works on the event loops of all transports; those of epoll and
 * io_uring accept no {@link io.netty.channel.local.LocalChannel}.
 *
 * <p>While the session waits, written bytes stay in the outbound buffer. So the channel becomes
 * unwritable, and the relay stops reading from the device.
 */
final class SpoolChannel extends AbstractChannel implements DuplexChannel {
  private static final ChannelMetadata METADATA = new ChannelMetadata(false);

  private final ChannelConfig config = new DefaultChannelConfig(this);
  private final StringBuilder replies = new StringBuilder();
  private final SpoolSession session;
  private boolean open = true;
  private boolean readWanted;
  private boolean inputEnding;
  private boolean inputEnded;
  private boolean outputEnded;

  SpoolChannel(SpoolSession session) {
    super(null);
    this.session = session;
  }

  /** Sends a reply to the relay. Its size is bounded, because the guard limits open commands. */
  void reply(String lines) {
    replies.append(lines);
    deliverSoon();
  }

  /** Ends the input of the relay after all replies. */
  void endInput() {
    inputEnding = true;
    deliverSoon();
  }

  /** Passes more bytes to the session, which is ready for them again. */
  void resume() {
    if (open) {
      unsafe().flush();
    }
  }

  /** In a step of its own, as replies of a socket arrive. */
  private void deliverSoon() {
    if (readWanted) {
      eventLoop().execute(this::deliver);
    }
  }

  private void deliver() {
    if (!open || !readWanted) {
      return;
    }
    if (!replies.isEmpty()) {
      readWanted = false;
      ByteBuf all = MailText.encode(alloc(), replies.toString());
      replies.setLength(0);
      pipeline().fireChannelRead(all);
      pipeline().fireChannelReadComplete();
    } else if (inputEnding && !inputEnded) {
      inputEnded = true;
      // As an origin with TLS ends its stream, so that the device gets a close_notify.
      pipeline().fireUserEventTriggered(SslCloseCompletionEvent.SUCCESS);
    }
  }

  @Override
  protected void doBeginRead() {
    readWanted = true;
    if (!replies.isEmpty() || inputEnding) {
      deliverSoon();
    }
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer out) {
    for (Object next = out.current(); next != null && session.isReady(); next = out.current()) {
      ByteBuf bytes = ((ByteBuf) next).retain();
      out.remove();
      session.take(bytes);
    }
  }

  @Override
  public ChannelFuture shutdownOutput(ChannelPromise promise) {
    outputEnded = true;
    session.deviceEnded();
    return promise.setSuccess();
  }

  @Override
  protected void doClose() {
    open = false;
    session.closed();
  }

  @Override
  protected void doRegister(ChannelPromise promise) {
    promise.setSuccess();
  }

  @Override
  protected boolean isCompatible(EventLoop loop) {
    return true;
  }

  @Override
  protected AbstractUnsafe newUnsafe() {
    return new AbstractUnsafe() {
      @Override
      public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
        promise.setFailure(new UnsupportedOperationException());
      }
    };
  }

  @Override
  public ChannelConfig config() {
    return config;
  }

  @Override
  public ChannelMetadata metadata() {
    return METADATA;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public boolean isActive() {
    return open && isRegistered();
  }

  @Override
  protected @Nullable SocketAddress localAddress0() {
    return null;
  }

  @Override
  protected @Nullable SocketAddress remoteAddress0() {
    return null;
  }

  @Override
  protected void doBind(SocketAddress local) {
    throw new UnsupportedOperationException();
  }

  @Override
  protected void doDisconnect() {
    doClose();
  }

  @Override
  public boolean isInputShutdown() {
    return inputEnded;
  }

  @Override
  public ChannelFuture shutdownInput() {
    return shutdownInput(newPromise());
  }

  @Override
  public ChannelFuture shutdownInput(ChannelPromise promise) {
    return promise.setFailure(new UnsupportedOperationException());
  }

  @Override
  public boolean isOutputShutdown() {
    return outputEnded;
  }

  @Override
  public ChannelFuture shutdownOutput() {
    return shutdownOutput(newPromise());
  }

  @Override
  public boolean isShutdown() {
    return inputEnded && outputEnded;
  }

  @Override
  public ChannelFuture shutdown() {
    return close();
  }

  @Override
  public ChannelFuture shutdown(ChannelPromise promise) {
    return close(promise);
  }
}
