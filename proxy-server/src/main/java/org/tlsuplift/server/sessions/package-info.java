/**
 * Lists open sessions, and logs the first success of each device.
 *
 * <p>The core's observers report events on event loops. {@code api} reads a bounded list of open
 * sessions. Start reading at {@link org.tlsuplift.server.sessions.LiveSessions}.
 */
@NullMarked
package org.tlsuplift.server.sessions;

import org.jspecify.annotations.NullMarked;
