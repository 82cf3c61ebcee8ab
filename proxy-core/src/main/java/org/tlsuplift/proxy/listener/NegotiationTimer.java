package org.tlsuplift.proxy.listener;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Bounds what a device may take for its next step before TLS. Lives on one event loop. */
final class NegotiationTimer {
  private final EventLoop loop;
  private final Duration timeout;
  private final Runnable expired;
  private @Nullable Future<?> running;

  NegotiationTimer(EventLoop loop, Duration timeout, Runnable expired) {
    this.loop = loop;
    this.timeout = timeout;
    this.expired = expired;
  }

  /** Begins anew. */
  void start() {
    stop();
    running = loop.schedule(expired, timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  void stop() {
    if (running != null) {
      running.cancel(false);
      running = null;
    }
  }
}
