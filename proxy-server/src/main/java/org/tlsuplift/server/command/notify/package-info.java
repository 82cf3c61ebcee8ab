/**
 * The command that tries the receivers of notifications.
 *
 * <p>{@code server.notify} sends. Start reading at {@link
 * org.tlsuplift.server.command.notify.NotifyCommand}.
 */
@NullMarked
package org.tlsuplift.server.command.notify;

import org.jspecify.annotations.NullMarked;
