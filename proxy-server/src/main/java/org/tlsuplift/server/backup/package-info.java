/**
 * Backups: one encrypted file with everything that the daemon cannot make again.
 *
 * <p>A backup is an OpenPGP message that contains a ZIP file, so {@code gpg} and {@code unzip} can
 * open it without this program. Start reading at {@link
 * org.tlsuplift.server.backup.BackupContents}, {@link org.tlsuplift.server.backup.BackupFile} and
 * {@link org.tlsuplift.server.backup.Restore}.
 */
@NullMarked
package org.tlsuplift.server.backup;

import org.jspecify.annotations.NullMarked;
