/**
 * The daemon's log, the access log and syslog.
 *
 * <p>Devices cannot forge lines or fill the disk, and no event loop waits for an output. {@link
 * org.tlsuplift.server.log.DaemonLog} sets up Logback; an operator's {@code logback.xml} refers to
 * the appender and the encoder here. {@link org.tlsuplift.server.log.AccessLog} has a line for each
 * session and each message, at its end, written by its own thread. {@link
 * org.tlsuplift.server.log.SyslogOutput} speaks RFC 5424 over UDP, TLS and UNIX sockets; Logback's
 * own appender has the old format, UDP only.
 */
@NullMarked
package org.tlsuplift.server.log;

import org.jspecify.annotations.NullMarked;
