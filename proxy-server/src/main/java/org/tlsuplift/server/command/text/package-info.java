/**
 * What all commands share: the option for the configuration, output and failures.
 *
 * <p>{@link org.tlsuplift.server.command.text.CommandFailures} turns each failure into one line and
 * an exit code, and {@link org.tlsuplift.server.terminal.CommandOutput} writes what a terminal can
 * show safely. Called by every command; knows none.
 */
@NullMarked
package org.tlsuplift.server.command.text;

import org.jspecify.annotations.NullMarked;
