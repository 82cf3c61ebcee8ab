/** The sessions that run right now, for whoever wants to look. */
@NullMarked
package org.tlsuplift.server.sessions;

import org.jspecify.annotations.NullMarked;
