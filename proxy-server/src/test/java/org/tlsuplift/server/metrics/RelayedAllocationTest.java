package org.tlsuplift.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.model.Direction;
import org.tlsuplift.proxy.model.SessionObserver;

class RelayedAllocationTest {
  private static final int CALLS = 500_000;

  @Test
  void allocatesNothingOnTheHotPath() {
    allocatesNothing(null);
  }

  @Test
  void allocatesNothingWithOtlpExport() {
    URI nobody = URI.create("http://127.0.0.1:1/v1/metrics");
    allocatesNothing(new OtlpTarget(nobody, Duration.ofHours(1), Map.of(), "test:0"));
  }

  private static void allocatesNothing(@Nullable OtlpTarget otlp) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (ServerMetrics metrics = new ServerMetrics("test", List.of("web"), otlp)) {
      SessionObserver observer = ScriptedSession.open(metrics.proxyObserver(), "web").observer();
      relay(observer);
      threads.getThreadAllocatedBytes(Thread.currentThread().getId());

      long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
      relay(observer);
      long allocated = threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;

      assertThat(allocated / CALLS).as("%d bytes in %d calls", allocated, CALLS).isZero();
      assertThat(metrics.scrape("").text())
          .contains("tlsuplift_bytes_total{direction=\"up\",listener=\"web\"} 5.0E8")
          .contains("tlsuplift_bytes_total{direction=\"down\",listener=\"web\"} 8.192E9");
    }
  }

  private static void relay(SessionObserver observer) {
    for (int i = 0; i < CALLS / 2; i++) {
      observer.relayed(Direction.UP, 1_000);
      observer.relayed(Direction.DOWN, 16_384);
    }
  }
}
