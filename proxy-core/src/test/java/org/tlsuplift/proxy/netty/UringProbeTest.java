package org.tlsuplift.proxy.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringServerSocketChannel;
import java.lang.reflect.Proxy;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.accept.Transport;

/** One attempt that fails, as on a busy machine, does not decide against io_uring. */
class UringProbeTest {
  private final AtomicInteger attempts = new AtomicInteger();

  /** Attempts of which the first ones fail. */
  private Optional<Throwable> failureAfter(int failing) {
    return UringProbe.lastFailure(
        () -> {
          int attempt = attempts.incrementAndGet();
          return attempt <= failing
              ? Optional.of(new TimeoutException("attempt " + attempt))
              : Optional.empty();
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void stopsAtTheFirstAttemptThatSucceeds(int failing) {
    assertThat(failureAfter(failing)).isEmpty();
    assertThat(attempts).hasValue(failing + 1);
  }

  @Test
  void givesUpAfterThreeAttemptsWithTheLastFailure() {
    assertThat(failureAfter(9)).get().extracting(Throwable::getMessage).isEqualTo("attempt 3");
    assertThat(attempts).hasValue(3);
  }

  /** Where io_uring_enter is forbidden, the thread may end before the probe binds. */
  @Test
  void aRingWhoseThreadEndsBeforeTheBindIsAFailure() {
    assumeTrue(IoUring.isAvailable());

    assertThat(
            UringProbe.attempt(
                () -> endingAfterRegistration(Transport.IO_URING.newEventLoops(1)),
                IoUringServerSocketChannel::new))
        .get()
        .isInstanceOf(RejectedExecutionException.class);
  }

  private static EventLoopGroup endingAfterRegistration(EventLoopGroup loops) {
    return (EventLoopGroup)
        Proxy.newProxyInstance(
            UringProbeTest.class.getClassLoader(),
            new Class<?>[] {EventLoopGroup.class},
            (self, method, arguments) -> {
              Object result = method.invoke(loops, arguments);
              if (method.getName().equals("register")) {
                ((ChannelFuture) result).awaitUninterruptibly();
                loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly();
              }
              return result;
            });
  }
}
