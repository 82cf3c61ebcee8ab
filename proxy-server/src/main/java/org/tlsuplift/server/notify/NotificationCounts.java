package org.tlsuplift.server.notify;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.server.notify.Delivery.Channel;

/** Counts notifications by channel and outcome, for all configurations. Thread-safe. */
public final class NotificationCounts {
  private final Map<Channel, Map<Outcome, LongAdder>> counts = new EnumMap<>(Channel.class);

  /** What became of a notification. */
  public enum Outcome implements Labelled {
    SENT,
    /** An attempt failed, and another one follows. */
    RETRIED,
    /** No attempt succeeded within an hour. */
    FAILED,
    /** Too many were waiting. */
    DROPPED
  }

  public NotificationCounts() {
    for (Channel channel : Channel.values()) {
      Map<Outcome, LongAdder> outcomes = new EnumMap<>(Outcome.class);
      for (Outcome outcome : Outcome.values()) {
        outcomes.put(outcome, new LongAdder());
      }
      counts.put(channel, outcomes);
    }
  }

  /** Counts one more. */
  public void count(Channel channel, Outcome outcome) {
    adder(channel, outcome).increment();
  }

  /** The number so far; never falls. */
  public long of(Channel channel, Outcome outcome) {
    return adder(channel, outcome).sum();
  }

  private LongAdder adder(Channel channel, Outcome outcome) {
    Map<Outcome, LongAdder> outcomes = counts.get(channel);
    LongAdder adder = outcomes == null ? null : outcomes.get(outcome);
    if (adder == null) {
      throw new IllegalStateException(channel + " " + outcome);
    }
    return adder;
  }
}
