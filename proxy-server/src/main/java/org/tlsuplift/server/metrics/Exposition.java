package org.tlsuplift.server.metrics;

/**
 * All metrics at one moment, as text for Prometheus.
 *
 * @param contentType the value of the {@code Content-Type} header
 */
public record Exposition(String contentType, String text) {}
