/**
 * The command line: one class for each command.
 *
 * <p>Arguments enter; text and an exit code leave. Called by {@code Main} through picocli. {@link
 * org.tlsuplift.server.command.CommandFailures} turns each failure into one line and an exit code,
 * and {@link org.tlsuplift.server.command.CommandOutput} writes what a terminal can show safely.
 * Start reading at {@link org.tlsuplift.server.command.UpliftCommand}.
 */
@NullMarked
package org.tlsuplift.server.command;

import org.jspecify.annotations.NullMarked;
