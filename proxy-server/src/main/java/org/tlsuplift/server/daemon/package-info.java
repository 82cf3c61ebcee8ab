/**
 * Starts, runs, reloads and stops the daemon.
 *
 * <p>Start reading at {@link org.tlsuplift.server.daemon.Components}, which creates all parts,
 * starts them and stops them in order, and at {@link
 * org.tlsuplift.server.daemon.LiveConfiguration}, which replaces those of a configuration. A class
 * whose name ends with {@code Source} or {@code Setup} opens one part from the configuration.
 * {@code watch} detects changes while the daemon runs. The commands {@code run}, {@code check} and
 * {@code doctor}, and the demo, call this package.
 */
@NullMarked
package org.tlsuplift.server.daemon;

import org.jspecify.annotations.NullMarked;
