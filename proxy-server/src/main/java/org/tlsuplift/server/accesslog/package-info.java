/**
 * The access log: one line for each session and each message, at its end.
 *
 * <p>{@link org.tlsuplift.server.accesslog.AccessLog} is the entry point. Sessions and messages are
 * put into its queue and do not wait; its own thread writes the lines.
 */
@NullMarked
package org.tlsuplift.server.accesslog;

import org.jspecify.annotations.NullMarked;
