package org.tlsuplift.server.cluster;

import java.time.Instant;

/**
 * An instance, as the others see it.
 *
 * @param report its latest report
 * @param seen the time of the report, by the clock of the database server
 * @param live whether it reported within the last seconds
 * @param self whether it is this instance
 */
public record Instance(InstanceReport report, Instant seen, boolean live, boolean self) {}
