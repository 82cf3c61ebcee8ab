package org.tlsuplift.proxy.netty;

import io.netty.channel.IoEvent;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.ThreadAwareExecutor;

/**
 * Netty's epoll without two faults that end good connections. Seen in 4.2.18 to 4.2.20.
 *
 * <p>A channel may be interested in no event for some time, for example after its peer has ended
 * its direction. Netty then removes it from the epoll set, and does not record the removal. When
 * the channel becomes interested again, for example because a write does not fit into the socket's
 * buffer, Netty fails with ENOENT. With this class the channel stays in the set and waits for an
 * edge-triggered error, which comes at most once. HalfCloseTest needs this.
 *
 * <p>Upstream: netty pull request 16689, "Epoll: Correctly delete fd from epoll if there is nothing
 * to handle", removes the channel. To report: "After EpollIoOps.NONE has deleted the descriptor,
 * the registration in EpollIoHandler stays in state Added, so the next submit calls EPOLL_CTL_MOD
 * and fails with ENOENT; it should go back to Pending."
 *
 * <p>Netty finds the channel of an event by its descriptor, and fetches many events at once. If one
 * event closes a channel and opens another, the kernel may give the new channel the descriptor of
 * the closed one. Netty then gives the new channel the events of the closed one, such as a reset.
 * With this class a channel gets only events that were fetched after its registration.
 * EpollHandlersTest needs this.
 *
 * <p>To report: "EpollIoHandler.processReady finds registrations by descriptor, so a channel that
 * is registered while a round of events is handled gets those of a closed channel whose descriptor
 * it has."
 *
 * <p>Delete when HalfCloseTest and EpollHandlersTest pass with EpollIoHandler alone.
 */
public final class EpollHandlers implements IoHandlerFactory {
  private final IoHandlerFactory netty = EpollIoHandler.newFactory();

  @Override
  public IoHandler newHandler(ThreadAwareExecutor thread) {
    return new Handler(netty.newHandler(thread));
  }

  @Override
  public boolean isChangingThreadSupported() {
    return netty.isChangingThreadSupported();
  }

  /** Used by the thread of the loop only, except {@link #wakeup}. */
  private static final class Handler implements IoHandler {
    private final IoHandler netty;

    /** The number of the current round. A round fetches events once and then handles them. */
    private long round;

    Handler(IoHandler netty) {
      this.netty = netty;
    }

    @Override
    public IoRegistration register(IoHandle handle) throws Exception {
      return new Registration(netty.register(new Handle(this, (EpollIoHandle) handle, round)));
    }

    @Override
    public void initialize() {
      netty.initialize();
    }

    @Override
    public int run(IoHandlerContext context) {
      round++;
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

  /** A channel that gets no event of the round in which it was registered. */
  // Netty declares the exception that close() throws.
  @SuppressWarnings("try")
  private record Handle(Handler handler, EpollIoHandle netty, long since) implements EpollIoHandle {
    @Override
    public FileDescriptor fd() {
      return netty.fd();
    }

    @Override
    public void handle(IoRegistration registration, IoEvent event) {
      if (handler.round != since) {
        netty.handle(registration, event);
      }
    }

    @Override
    public void registered() {
      netty.registered();
    }

    @Override
    public void unregistered() {
      netty.unregistered();
    }

    @Override
    public void close() throws Exception {
      netty.close();
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
      // Only a channel in the set stays there. An unconnected channel would be woken for no reason.
      added |= !nothing;
      return netty.submit(nothing && added ? EpollIoOps.EPOLLET : ops);
    }

    // Netty declares this signature.
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
