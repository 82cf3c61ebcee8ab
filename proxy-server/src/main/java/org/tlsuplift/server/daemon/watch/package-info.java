/**
 * Watches files, dates, event loops and the kernel's queues while the daemon runs.
 *
 * <p>Each class has one subject: the operator's certificates ({@link
 * org.tlsuplift.server.daemon.watch.IdentityWatch}), the accounts file, the last day of antique
 * listeners, the jar, event loops that do not respond, and full accept queues. The daemon starts
 * and closes the watches. They log, and change only the objects that they receive.
 */
@NullMarked
package org.tlsuplift.server.daemon.watch;

import org.jspecify.annotations.NullMarked;
