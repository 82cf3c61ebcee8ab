package org.tlsuplift.server.spool;

import java.util.List;
import org.tlsuplift.server.metrics.MeterName;
import org.tlsuplift.server.metrics.MetricNames;

/** The metrics of the spool. */
public final class SpoolMetrics {
  public static final MeterName MESSAGES =
      MeterName.gauge(
          "tlsuplift.spool.messages",
          List.of("state"),
          "Messages in the spool, of all instances, by state: waiting, or held for an operator;"
              + " counted every 15 s.");

  public static final MeterName BYTES =
      MeterName.gauge("tlsuplift.spool.bytes", "Size of the messages in the spool.");

  public static final MeterName LIMIT =
      MeterName.gauge(
          "tlsuplift.spool.limit.bytes",
          "The smallest mail.spool.maximumSize of a listener; beyond it, devices must try again"
              + " later. 0 if no listener keeps messages.");

  public static final MeterName OLDEST =
      MeterName.gauge(
          "tlsuplift.spool.oldest.seconds", "Age of the oldest message in the spool, or 0.");

  public static final MeterName REFUSED =
      MeterName.counter(
          "tlsuplift.spool.refused",
          "Messages that this instance did not keep, because the spool was full or failed; the"
              + " devices got 452 or 451.");

  public static final MeterName DELIVERIES =
      MeterName.counter(
          "tlsuplift.spool.deliveries",
          List.of(MetricNames.OUTCOME),
          "Attempts to deliver a message of the spool, by outcome: delivered, deferred, returned to"
              + " its sender, or a claim was lost, so that the message may arrive twice.");

  private SpoolMetrics() {}
}
