/**
 * Opens the CAs that sign for the listeners.
 *
 * <p>{@link org.tlsuplift.server.authority.CertificateAuthorities} has the open authorities and
 * their signing threads. A {@link org.tlsuplift.server.authority.CaSource} locates one: the data
 * directory, the operator's files, or the directory of one antique listener. The daemon opens them
 * at the start and signs with another one when an operator activates it; the {@code ca} commands
 * show, export, stage and activate them.
 */
@NullMarked
package org.tlsuplift.server.authority;

import org.jspecify.annotations.NullMarked;
