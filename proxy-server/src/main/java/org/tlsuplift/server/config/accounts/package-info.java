/**
 * The accounts of devices that sign in: the file in which they are, read, checked and edited.
 *
 * <p>A file enters; accounts or problems with their lines leave. Called by {@code config} and by
 * the commands that edit accounts. Start reading at {@code AccountsFile}.
 */
@NullMarked
package org.tlsuplift.server.config.accounts;

import org.jspecify.annotations.NullMarked;
