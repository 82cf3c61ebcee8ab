/**
 * Device accounts for sign-in: reading, checking and editing their file.
 *
 * <p>A file enters; accounts or errors with their lines leave. Called by {@code config} and by the
 * commands that edit accounts. Start reading at {@code AccountsFile}.
 */
@NullMarked
package org.tlsuplift.server.config.accounts;

import org.jspecify.annotations.NullMarked;
