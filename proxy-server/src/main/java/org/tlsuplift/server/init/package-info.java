/**
 * Writes the first configuration and makes the certificate authority that belongs to it.
 *
 * <p>Options and answers enter; a commented configuration, the CA and its exported certificate
 * leave, and the steps that come next. Called by the command {@code init}. Start reading at {@link
 * org.tlsuplift.server.init.Interview}.
 */
@NullMarked
package org.tlsuplift.server.init;

import org.jspecify.annotations.NullMarked;
