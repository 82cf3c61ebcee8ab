package org.tlsuplift.proxy.netty;

import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A channel for which the system provides no socket: its registration fails, on the event loops of
 * all transports.
 *
 * <p>If a channel factory throws, Netty's resolver closes a channel without an event loop, and logs
 * the stack trace of that failure for each resolution (seen in 4.2.18).
 *
 * <p>To report: "DnsResolveChannelPerResolutionProvider closes the FailedChannel that a throwing
 * channel factory leaves, which fails and is logged as an exception of a listener." Delete when a
 * channel factory may throw (OpenFilesTest).
 */
public final class NoSocket extends AbstractChannel {
  private static final ChannelMetadata METADATA = new ChannelMetadata(false);

  private final Throwable cause;

  private final ChannelConfig config =
      new DefaultChannelConfig(this) {
        @Override
        public <T> boolean setOption(ChannelOption<T> option, T value) {
          // Netty would log that the option is unknown.
          return true;
        }
      };

  /**
   * A channel that cannot be opened.
   *
   * @param cause the failure of its registration
   */
  public NoSocket(Throwable cause) {
    super(null);
    this.cause = cause;
  }

  @Override
  protected void doRegister(ChannelPromise promise) {
    promise.setFailure(cause);
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
        promise.setFailure(cause);
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
    return !closeFuture().isDone();
  }

  @Override
  public boolean isActive() {
    return false;
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
  protected void doDisconnect() {}

  @Override
  protected void doClose() {}

  @Override
  protected void doBeginRead() {}

  @Override
  protected void doWrite(ChannelOutboundBuffer out) {
    throw new UnsupportedOperationException();
  }
}
