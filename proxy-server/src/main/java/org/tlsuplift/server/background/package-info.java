/**
 * What runs beside the sessions: regular tasks, on few threads.
 *
 * <p>A part of the daemon that does something regularly gets a {@link
 * org.tlsuplift.server.background.Schedule}, and starts no thread for it. A {@link
 * org.tlsuplift.server.background.Notice} decides when to log a condition that lasts.
 */
@NullMarked
package org.tlsuplift.server.background;

import org.jspecify.annotations.NullMarked;
