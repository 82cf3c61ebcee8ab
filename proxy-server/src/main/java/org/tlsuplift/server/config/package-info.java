/**
 * The configuration as records, in {@link org.tlsuplift.server.config.ServerConfig}.
 *
 * <p>{@code yaml} reads YAML with positions, {@code load} turns it into these records, {@code
 * check} and {@code warn} look at the records as a whole, and {@code accounts} has the file of
 * device accounts. {@code config/tls-uplift.yaml} explains each key and has the defaults. Commands
 * and the daemon use the records; nothing here opens a port.
 */
@NullMarked
package org.tlsuplift.server.config;

import org.jspecify.annotations.NullMarked;
