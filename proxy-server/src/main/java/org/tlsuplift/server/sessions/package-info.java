/**
 * The open sessions.
 *
 * <p>Events of the core enter, on event loops; a bounded list leaves. Called by {@code api}. Start
 * reading at {@link org.tlsuplift.server.sessions.LiveSessions}.
 */
@NullMarked
package org.tlsuplift.server.sessions;

import org.jspecify.annotations.NullMarked;
