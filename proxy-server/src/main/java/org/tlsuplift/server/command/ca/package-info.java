/**
 * The commands about certificate authorities: show, export, stage, activate, undo, retire.
 *
 * <p>Arguments enter; text and an exit code leave. Each command reads and changes the files of a CA
 * through {@code daemon.ca}; a running daemon notices the change. Start reading at {@link
 * org.tlsuplift.server.command.ca.CaCommand}.
 */
@NullMarked
package org.tlsuplift.server.command.ca;

import org.jspecify.annotations.NullMarked;
