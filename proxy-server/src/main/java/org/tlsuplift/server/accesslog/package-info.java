/**
 * The access log: one line for each session, at its end.
 *
 * <p>{@link org.tlsuplift.server.accesslog.AccessLog} is the entry point. Sessions put a summary
 * into its queue and do not wait; its own thread writes the lines.
 */
@NullMarked
package org.tlsuplift.server.accesslog;

import org.jspecify.annotations.NullMarked;
