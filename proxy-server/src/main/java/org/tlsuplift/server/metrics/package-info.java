/**
 * What the daemon counts, in the formats that Prometheus reads and by OTLP.
 *
 * <p>Events of the core's observers enter, on event loops; text leaves at each scrape. {@link
 * org.tlsuplift.server.metrics.MetricNames} is the table of all meters. Labels come from closed
 * sets only, never from a device's address or from the names it asks for. The daemon makes it, and
 * the admin port reads it. Start reading at {@link org.tlsuplift.server.metrics.ServerMetrics}.
 */
@NullMarked
package org.tlsuplift.server.metrics;

import org.jspecify.annotations.NullMarked;
