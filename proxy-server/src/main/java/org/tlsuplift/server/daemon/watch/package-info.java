/**
 * Watches what changes while the daemon runs: files, dates and event loops.
 *
 * <p>Each class has one subject: the operator's certificates ({@link
 * org.tlsuplift.server.daemon.watch.IdentityWatch}), the accounts file, the last day of antique
 * listeners, the jar, and event loops that do not respond. The daemon starts and closes them; they
 * log, and change only what they were given.
 */
@NullMarked
package org.tlsuplift.server.daemon.watch;

import org.jspecify.annotations.NullMarked;
