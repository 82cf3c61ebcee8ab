package org.tlsuplift.proxy.netty;

import io.netty.channel.Channel;
import io.netty.channel.IoEvent;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.uring.IoUringIoEvent;
import io.netty.channel.uring.IoUringIoHandle;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.util.concurrent.ThreadAwareExecutor;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Netty's io_uring without four faults. Seen in 4.2.18.
 *
 * <p>If there is no memory for the next read of a channel, Netty ends the event loop, and with it
 * the service of all its sessions. With this class the channel gets the error, as with epoll.
 * EventLoopsTest and SlowReadersIT need this.
 *
 * <p>Upstream: netty pull request 14001, "Handle errors from completion handlers in io_uring",
 * catches exceptions. To report: "IoUringIoHandler.handle lets an OutOfMemoryError of the
 * allocation of a read buffer end the event loop; epoll closes only the channel (issue 10434)."
 *
 * <p>Netty keeps connections open after a reset. It reads again when the kernel says that the
 * socket has more data, or when a poll reports an event. The kernel reports the reset of a socket
 * whose buffer has data only to the polls, and only once. If Netty is reading that data then, it
 * forgets the event when the read completes, and waits for another one, which never comes: the
 * connection stays open until the idle timeout. (After a FIN the kernel says that there is more,
 * see {@code tcp_inq_hint}, so this concerns resets only.) With this class a read that completes
 * after such an event says that there is more. The next read returns the reset. ResetTest needs
 * this.
 *
 * <p>To report: "With io_uring, a POLLERR or POLLHUP that arrives while a read is outstanding is
 * forgotten if the read returns data without IORING_CQE_F_SOCK_NONEMPTY, so a reset connection
 * stays open."
 *
 * <p>Netty counts closed channels as open. This class counts the open ones. EventLoopsTest needs
 * this.
 *
 * <p>To report: "SingleThreadIoEventLoop.getNumOfRegisteredChannels includes closed channels of
 * io_uring, and registeredChannels returns -1."
 *
 * <p>Netty's loop is woken by a read that waits in the kernel. A loop that ends cancels this read
 * and frees its buffer, but does not wait for the cancellation. If a wake-up is on its way, the
 * kernel may run the read in a thread of its own (as it came after a request with {@code
 * IOSQE_IO_DRAIN}), and write eight bytes into memory that belongs to someone else by then. Netty
 * does wait if another thread has just woken the loop. With this class that is always so.
 * UringHandlersTest needs this.
 *
 * <p>Upstream: netty pull request 10615, "Close IOUringEventLoop wakeup/eventfd close shutdown
 * race", waits for a wake-up. To report: "IoUringIoHandler.drainEventFd cancels the read of the
 * eventfd, and destroy frees its buffer without waiting for the completion of the read."
 *
 * <p>Delete each part when the tests named above pass without it.
 */
public final class UringHandlers implements IoHandlerFactory {
  private final IoHandlerFactory netty = IoUringIoHandler.newFactory();

  @Override
  public IoHandler newHandler(ThreadAwareExecutor thread) {
    LoopThread loop = new LoopThread(thread);
    return new Handler(netty.newHandler(loop), loop);
  }

  @Override
  public boolean isChangingThreadSupported() {
    return netty.isChangingThreadSupported();
  }

  static final class Handler implements IoHandler {
    private final IoHandler netty;
    private final LoopThread loop;
    private final AtomicInteger channels = new AtomicInteger();

    Handler(IoHandler netty, LoopThread loop) {
      this.netty = netty;
      this.loop = loop;
    }

    /** The number of open channels. Thread-safe. */
    int channels() {
      return channels.get();
    }

    @Override
    public IoRegistration register(IoHandle handle) throws Exception {
      return netty.register(new Handle((IoUringIoHandle) handle, channels));
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
      loop.pretends = true;
      netty.wakeup();
      loop.pretends = false;
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

  /** The thread of a loop, which can pretend to be another one. */
  static final class LoopThread implements ThreadAwareExecutor {
    private final ThreadAwareExecutor netty;

    /** Used by the thread of the loop; the answer for other threads does not depend on it. */
    private boolean pretends;

    LoopThread(ThreadAwareExecutor netty) {
      this.netty = netty;
    }

    @Override
    public boolean isExecutorThread(Thread thread) {
      return !pretends && netty.isExecutorThread(thread);
    }

    @Override
    public void execute(Runnable task) {
      netty.execute(task);
    }
  }

  /** Used by the thread of the loop only. */
  // Netty declares the exception that close() throws.
  @SuppressWarnings("try")
  private static final class Handle implements IoUringIoHandle {
    // Values of Linux, in io_uring.h and poll.h.
    private static final byte POLL_ADD = 6;
    private static final byte RECV = 27;
    private static final int MORE_IN_SOCKET = 1 << 2;
    private static final int ERROR_OR_HANG_UP = 0x8 | 0x10;

    private static final Duration PAUSE = Duration.ofMillis(100);

    private final IoUringIoHandle netty;
    private final AtomicInteger channels;
    private boolean broken;

    Handle(IoUringIoHandle netty, AtomicInteger channels) {
      this.netty = netty;
      this.channels = channels;
    }

    @Override
    public void handle(IoRegistration registration, IoEvent event) {
      IoUringIoEvent completion = (IoUringIoEvent) event;
      if (completion.opcode() == POLL_ADD) {
        broken |= completion.res() > 0 && (completion.res() & ERROR_OR_HANG_UP) != 0;
      }
      try {
        netty.handle(
            registration,
            broken && completion.opcode() == RECV && completion.res() > 0
                ? withMoreInSocket(completion)
                : event);
      } catch (OutOfMemoryError noMemory) {
        failed(noMemory);
      }
    }

    /** Ends a connection. A channel of another kind, such as that for DNS, pauses. */
    private void failed(OutOfMemoryError why) {
      if (netty instanceof Channel.Unsafe unsafe) {
        Channel channel = unsafe.voidPromise().channel();
        channel.pipeline().fireExceptionCaught(why);
        if (channel instanceof SocketChannel) {
          var unused = channel.close();
        } else {
          // Netty still counts the read that failed as waiting; this takes it back.
          channel.config().setAutoRead(false);
          var unused =
              channel
                  .eventLoop()
                  .schedule(
                      () -> channel.config().setAutoRead(true),
                      PAUSE.toMillis(),
                      TimeUnit.MILLISECONDS);
        }
      }
    }

    private static IoUringIoEvent withMoreInSocket(IoUringIoEvent read) {
      return new IoUringIoEvent(
          read.res(), read.flags() | MORE_IN_SOCKET, read.opcode(), read.userData());
    }

    @Override
    public void registered() {
      channels.incrementAndGet();
      netty.registered();
    }

    @Override
    public void unregistered() {
      channels.decrementAndGet();
      netty.unregistered();
    }

    @Override
    public void close() throws Exception {
      netty.close();
    }
  }
}
