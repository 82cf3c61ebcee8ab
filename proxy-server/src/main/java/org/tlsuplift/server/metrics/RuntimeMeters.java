package org.tlsuplift.server.metrics;

import com.sun.management.OperatingSystemMXBean;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmInfoMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.netty4.NettyAllocatorMetrics;
import io.micrometer.core.instrument.binder.netty4.NettyEventExecutorMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.util.concurrent.EventExecutorGroup;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;

/** Micrometer's meters of the JVM, the process and Netty. */
final class RuntimeMeters implements AutoCloseable {
  private final MeterRegistry registry;
  private final JvmGcMetrics garbageCollection = new JvmGcMetrics();

  RuntimeMeters(MeterRegistry registry) {
    this.registry = registry;
    registry.config().meterFilter(new RuntimeNames());
    garbageCollection.bindTo(registry);
    new JvmInfoMetrics().bindTo(registry);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ClassLoaderMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
      MetricNames.PROCESS_CPU.sum(registry, () -> seconds(system.getProcessCpuTime()));
    }
  }

  /** Adds the memory meters of an allocator, if the allocator has them. */
  void bind(ByteBufAllocator allocator) {
    if (allocator instanceof ByteBufAllocatorMetricProvider provider) {
      new NettyAllocatorMetrics(provider).bindTo(registry);
    }
  }

  /**
   * Adds the meters of event loops and their waiting tasks.
   *
   * <p>This starts the threads of the loops, because each meter has the name of its thread.
   */
  void bind(EventExecutorGroup loops) {
    new NettyEventExecutorMetrics(loops).bindTo(registry);
  }

  private static double seconds(long nanoseconds) {
    return nanoseconds / (double) TimeUnit.SECONDS.toNanos(1);
  }

  /** Stops listening to the garbage collector. */
  @Override
  public void close() {
    garbageCollection.close();
  }
}
