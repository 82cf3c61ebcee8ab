/**
 * The command line: one class for each command.
 *
 * <p>Arguments enter; text and an exit code leave. Called by {@code Main} through picocli. What all
 * commands share is in {@code command.console}. Start reading at {@link
 * org.tlsuplift.server.command.UpliftCommand}.
 */
@NullMarked
package org.tlsuplift.server.command;

import org.jspecify.annotations.NullMarked;
