/**
 * The commands that write and restore a backup.
 *
 * <p>They read options and passphrases. {@code server.backup} does the work. Start reading at
 * {@link org.tlsuplift.server.command.backup.BackupCommand}.
 */
@NullMarked
package org.tlsuplift.server.command.backup;

import org.jspecify.annotations.NullMarked;
