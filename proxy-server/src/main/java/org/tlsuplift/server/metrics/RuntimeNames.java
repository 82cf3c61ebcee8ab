package org.tlsuplift.server.metrics;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Gives Micrometer's meters a help text, a base unit in the name, and labels that survive a
 * restart.
 */
final class RuntimeNames implements MeterFilter {
  private static final String ALLOCATOR = "netty.allocator.";

  private static final Map<String, Text> TEXTS =
      Map.of(
          "netty.allocator.memory.used",
          bytes("Memory that the buffer allocator holds, in use or not."),
          "netty.allocator.memory.pinned",
          bytes("Memory of the buffers in use."),
          "netty.allocator.pooled.arenas",
          count("Memory pools that event loops share."),
          "netty.allocator.pooled.cache.size",
          count("Free buffers of one size that each thread may cache."),
          "netty.allocator.pooled.threadlocal.caches",
          count("Threads that cache free buffers."),
          "netty.allocator.pooled.chunk.size",
          bytes("Memory that a pool allocates at a time."),
          "netty.eventexecutor.tasks.pending",
          count("Tasks that wait for an event loop; a number that stays high means too few CPUs."));

  private record Text(String help, @Nullable String unit) {}

  @Override
  public Meter.Id map(Meter.Id id) {
    if (id.getName().equals("system.cpu.count")) {
      return id.withName("system.cpus"); // the suffix _count is for histograms
    }
    Text text = TEXTS.get(id.getName());
    return text == null
        ? id
        : new Meter.Id(id.getName(), labels(id), text.unit, text.help, id.getType());
  }

  /** Drops the CPU time in nanoseconds, because {@link RuntimeMeters} has it in seconds. */
  @Override
  public MeterFilterReply accept(Meter.Id id) {
    return id.getName().equals("process.cpu.time")
        ? MeterFilterReply.DENY
        : MeterFilterReply.NEUTRAL;
  }

  /** There is one allocator, and its ID differs in each run. */
  private static Tags labels(Meter.Id id) {
    return id.getName().startsWith(ALLOCATOR)
        ? Tags.of(id.getTags().stream().filter(tag -> !tag.getKey().equals("id")).toList())
        : Tags.of(id.getTags());
  }

  private static Text bytes(String help) {
    return new Text(help, "bytes");
  }

  private static Text count(String help) {
    return new Text(help, null);
  }
}
