package org.tlsuplift.proxy.listener;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.util.concurrent.ThreadAwareExecutor;

/**
 * Netty's epoll without a fault that ends half-closed connections.
 *
 * <p>When a channel waits for nothing at a moment, as one does whose peer has ended its direction,
 * Netty takes it out of the epoll set (since its change 16689), does not remember that, and fails
 * with ENOENT as soon as the channel waits for something again: to write more than fits into the
 * socket's buffer. Here it stays in the set and waits for an edge of errors instead, which is told
 * once at most. Seen in 4.2.18 to 4.2.20; a test of the relay tells when this is needed no more.
 */
final class EpollHandlers implements IoHandlerFactory {
  private final IoHandlerFactory netty = EpollIoHandler.newFactory();

  @Override
  public IoHandler newHandler(ThreadAwareExecutor thread) {
    return new Handler(netty.newHandler(thread));
  }

  @Override
  public boolean isChangingThreadSupported() {
    return netty.isChangingThreadSupported();
  }

  private record Handler(IoHandler netty) implements IoHandler {
    @Override
    public IoRegistration register(IoHandle handle) throws Exception {
      return new Registration(netty.register(handle));
    }

    @Override
    public void initialize() {
      netty.initialize();
    }

    @Override
    public int run(IoHandlerContext context) {
      return netty.run(context);
    }

    @Override
    public void prepareToDestroy() {
      netty.prepareToDestroy();
    }

    @Override
    public void destroy() {
      netty.destroy();
    }

    @Override
    public void wakeup() {
      netty.wakeup();
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> type) {
      return netty.isCompatible(type);
    }
  }

  private static final class Registration implements IoRegistration {
    private final IoRegistration netty;
    private boolean added;

    Registration(IoRegistration netty) {
      this.netty = netty;
    }

    @Override
    public long submit(IoOps ops) {
      boolean nothing = EpollIoOps.NONE.equals(ops);
      // Not before it is in the set: unconnected it would only be woken up.
      added |= !nothing;
      return netty.submit(nothing && added ? EpollIoOps.EPOLLET : ops);
    }

    // Its signature is Netty's.
    @SuppressWarnings("TypeParameterUnusedInFormals")
    @Override
    public <T> T attachment() {
      return netty.attachment();
    }

    @Override
    public boolean isValid() {
      return netty.isValid();
    }

    @Override
    public boolean cancel() {
      return netty.cancel();
    }
  }
}
