package org.tlsuplift.server.log;

import ch.qos.logback.classic.Level;
import org.jspecify.annotations.Nullable;

/**
 * The settings of the daemon's log.
 *
 * @param linesPerMinute the limit per device and cause, at least 1
 * @param level of the least important lines
 * @param json whether lines are JSON
 * @param priorities whether each line on standard output begins with its priority, as the journal
 *     of systemd reads it
 * @param syslog the server that gets the lines; null for standard output
 */
public record LogSettings(
    int linesPerMinute,
    Level level,
    boolean json,
    boolean priorities,
    @Nullable SyslogServer syslog) {}
