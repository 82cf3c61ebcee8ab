package org.tlsuplift.proxy.netty;

import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * Netty's event loops with an orderly end. Seen in 4.2.18.
 *
 * <p>A loop of Netty that is told to end while it runs its last tasks does not close its channels.
 * And it does not wait until the closes of io_uring have completed: then it no longer accepts
 * tasks, and logs a stack trace for each channel. EventLoopsTest and SessionRemainsTest need this.
 *
 * <p>Upstream: netty issue 14872, "Netty 4.2.0.RC3 - exception on shutdownGracefully", and pull
 * request 14877 have improved this for io_uring. To report: "SingleThreadIoEventLoop.run does not
 * call prepareToDestroy if the shutdown begins while it runs tasks, so its channels stay open; and
 * with io_uring it ends before their closes have completed."
 *
 * <p>Delete when EventLoopsTest and SessionRemainsTest pass with MultiThreadIoEventLoopGroup.
 */
public final class EventLoops extends MultiThreadIoEventLoopGroup {
  /** The longest time that an ending loop waits for its channels to close. */
  private static final Duration CLOSING = Duration.ofMillis(500);

  /**
   * Creates the loops; their threads start with their first tasks.
   *
   * @param name of the threads, before their numbers
   */
  public EventLoops(int threads, String name, IoHandlerFactory handlers) {
    super(threads, new DefaultThreadFactory(name), handlers);
  }

  @Override
  protected IoEventLoop newChild(Executor executor, IoHandlerFactory handlers, Object... more) {
    return new Loop(this, executor, handlers);
  }

  private static final class Loop extends SingleThreadIoEventLoop {
    /** Made early, because the program's file may be overwritten when it stops. */
    private final Runnable nothing = Loop::doNothing;

    Loop(EventLoops group, Executor executor, IoHandlerFactory handlers) {
      super(group, executor, handlers);
    }

    @Override
    protected void run() {
      super.run();
      if (!isShuttingDown()) {
        return;
      }
      ioHandler().prepareToDestroy();
      long end = System.nanoTime() + CLOSING.toNanos();
      do {
        runAllTasks();
        execute(nothing); // With a task that waits, the next call does not block.
        runIo();
      } while (isClosing() && System.nanoTime() - end < 0);
    }

    /** Other transports close at once, and Netty still counts what they have closed. */
    private boolean isClosing() {
      return ioHandler() instanceof UringHandlers.Handler uring && uring.channels() > 0;
    }

    /** Netty returns -1. Its other number includes closed channels of io_uring. */
    @Override
    public int registeredChannels() {
      return ioHandler() instanceof UringHandlers.Handler uring
          ? uring.channels()
          : getNumOfRegisteredChannels();
    }

    private static void doNothing() {}
  }
}
