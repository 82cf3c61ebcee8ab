/**
 * Writes the first configuration and makes its CA.
 *
 * <p>Options and answers enter; a commented configuration, the CA, its exported certificate and the
 * next steps leave. Called by the command {@code init}. Start reading at {@link
 * org.tlsuplift.server.init.Interview}.
 */
@NullMarked
package org.tlsuplift.server.init;

import org.jspecify.annotations.NullMarked;
