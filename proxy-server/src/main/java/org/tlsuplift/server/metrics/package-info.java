/**
 * What the daemon counts: the sessions as the core's observers tell them, the certificates, and the
 * runtime underneath, given out in the formats that Prometheus reads.
 *
 * <p>{@link org.tlsuplift.server.metrics.ServerMetrics} is the door; {@link
 * org.tlsuplift.server.metrics.MetricNames} is the table of all meters. Labels come from closed
 * sets only, never from a device's address or from the names it asks for.
 */
@NullMarked
package org.tlsuplift.server.metrics;

import org.jspecify.annotations.NullMarked;
