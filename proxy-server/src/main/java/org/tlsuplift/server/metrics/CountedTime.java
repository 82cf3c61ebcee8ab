package org.tlsuplift.server.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/** A counter and a histogram with the same labels, for events with a duration. */
record CountedTime(Counter count, Timer time) {
  void ended(Duration elapsed) {
    count.increment();
    time.record(elapsed);
  }
}
