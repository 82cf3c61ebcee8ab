package org.tlsuplift.proxy.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoRegistration;
import io.netty.util.concurrent.ThreadAwareExecutor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UringHandlersTest {
  private final UringHandlers.LoopThread loop = new UringHandlers.LoopThread(new ThisThread());
  private final Netty netty = new Netty();

  /** Else the kernel may write into freed memory, which is rare and shows much later. */
  @Test
  void wakesNettyAsAnotherThreadBeforeItFreesItsMemory() {
    new UringHandlers.Handler(netty, loop).destroy();
    assertThat(netty.calls)
        .containsExactly("woken by another thread", "destroyed by the thread of the loop");
  }

  @Test
  void reportsTheThreadOfTheLoopToNetty() {
    new UringHandlers.Handler(netty, loop).wakeup();
    assertThat(netty.calls).containsExactly("woken by the thread of the loop");
    assertThat(loop.isExecutorThread(new Thread())).isFalse();
  }

  private static final class ThisThread implements ThreadAwareExecutor {
    private final Thread thread = Thread.currentThread();

    @Override
    public boolean isExecutorThread(Thread other) {
      return other.equals(thread);
    }

    @Override
    public void execute(Runnable task) {
      task.run();
    }
  }

  /** Asks as Netty does whether it is called by the thread of the loop. */
  private final class Netty implements IoHandler {
    private final List<String> calls = new ArrayList<>();

    private void called(String how) {
      calls.add(
          how
              + (loop.isExecutorThread(Thread.currentThread())
                  ? " by the thread of the loop"
                  : " by another thread"));
    }

    @Override
    public void wakeup() {
      called("woken");
    }

    @Override
    public void destroy() {
      called("destroyed");
    }

    @Override
    public int run(IoHandlerContext context) {
      throw new UnsupportedOperationException();
    }

    @Override
    public IoRegistration register(IoHandle handle) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> type) {
      throw new UnsupportedOperationException();
    }
  }
}
