/**
 * Starts, runs and stops the daemon.
 *
 * <p>Start reading at {@link org.tlsuplift.server.daemon.Components}, which creates all parts,
 * starts them and stops them in order, and at {@link
 * org.tlsuplift.server.daemon.LiveConfiguration}, which replaces those of a configuration. {@code
 * mapping} converts a checked configuration into the core's types; {@code ca}, {@code records},
 * {@code signin} and {@code admin} open the parts; {@code watch} detects changes while the daemon
 * runs, and {@code reload} receives requests for another configuration. The commands {@code run},
 * {@code check} and {@code doctor}, and the demo, call this package.
 */
@NullMarked
package org.tlsuplift.server.daemon;

import org.jspecify.annotations.NullMarked;
