/**
 * Keeps CAs on the disk and opens those that sign for the listeners.
 *
 * <p>{@link org.tlsuplift.server.authority.CertificateAuthorities} has the open authorities and
 * their signing threads. A {@link org.tlsuplift.server.authority.CaSource} locates one: the data
 * directory, the operator's files, or the directory of one antique listener. A {@link
 * org.tlsuplift.server.authority.CaStore} is such a directory, and {@link
 * org.tlsuplift.server.authority.CaRotation} replaces its CA. The daemon opens CAs at the start and
 * signs with another one when an operator activates it; the {@code ca} commands show, export, stage
 * and activate them.
 */
@NullMarked
package org.tlsuplift.server.authority;

import org.jspecify.annotations.NullMarked;
