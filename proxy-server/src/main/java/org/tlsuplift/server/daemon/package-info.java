/**
 * Starts, runs and stops the daemon.
 *
 * <p>{@link org.tlsuplift.server.daemon.ConfigMapper} converts a checked configuration into the
 * core's types. {@link org.tlsuplift.server.daemon.Components} creates all parts, starts them and
 * stops them in order. The commands {@code run}, {@code check} and {@code doctor}, and the demo,
 * call this package. {@code ca} opens the CAs, and {@code watch} detects changes while the daemon
 * runs. Start reading at {@link org.tlsuplift.server.daemon.Components}.
 */
@NullMarked
package org.tlsuplift.server.daemon;

import org.jspecify.annotations.NullMarked;
