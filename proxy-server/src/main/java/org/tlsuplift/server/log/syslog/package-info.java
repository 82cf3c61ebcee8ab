/**
 * A client of syslog servers: RFC 5424 over UDP, TLS and UNIX sockets. Logback's own appender has
 * the old format, UDP only. Start reading at {@link org.tlsuplift.server.log.syslog.SyslogOutput}.
 */
@NullMarked
package org.tlsuplift.server.log.syslog;

import org.jspecify.annotations.NullMarked;
