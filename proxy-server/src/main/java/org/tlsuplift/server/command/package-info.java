/**
 * The command line: one class for each command.
 *
 * <p>Arguments enter; text and an exit code leave. Called by {@code Main} through picocli. A
 * command reads options and passphrases; another package does the work: {@code backup}, {@code
 * doctor}, {@code notify}, {@code authority} for the {@code ca} commands. A running daemon notices
 * what they change. What all commands share is in {@code command.text}. Start reading at {@link
 * org.tlsuplift.server.command.UpliftCommand}.
 */
@NullMarked
package org.tlsuplift.server.command;

import org.jspecify.annotations.NullMarked;
