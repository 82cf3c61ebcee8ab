/**
 * The metrics, in the formats of Prometheus and OTLP.
 *
 * <p>The core's observers report events on event loops, and each scrape returns text. {@code
 * MetricNames} and {@code MailMetricNames} list all meters. Label values come from closed sets
 * only, never from a device's address or requested names. The daemon creates the metrics, and the
 * admin port reads them. Start reading at {@link org.tlsuplift.server.metrics.ServerMetrics}.
 */
@NullMarked
package org.tlsuplift.server.metrics;

import org.jspecify.annotations.NullMarked;
