/**
 * The metrics, in the formats of Prometheus and OTLP.
 *
 * <p>Events of the core's observers enter, on event loops; text leaves at each scrape. {@link
 * org.tlsuplift.server.metrics.MetricNames} lists all meters. Labels come from closed sets only,
 * never from a device's address or requested names. The daemon creates it, and the admin port reads
 * it. Start reading at {@link org.tlsuplift.server.metrics.ServerMetrics}.
 */
@NullMarked
package org.tlsuplift.server.metrics;

import org.jspecify.annotations.NullMarked;
