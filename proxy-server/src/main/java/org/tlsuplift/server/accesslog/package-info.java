/**
 * The access log: one line for each session, at its end.
 *
 * <p>{@link org.tlsuplift.server.accesslog.AccessLog} is the only way in. Sessions hand over what
 * is known of them and go on; one thread of its own writes it.
 */
@NullMarked
package org.tlsuplift.server.accesslog;

import org.jspecify.annotations.NullMarked;
