/**
 * The running daemon.
 *
 * <p>A checked configuration enters; {@link org.tlsuplift.server.daemon.ConfigMapper} converts it
 * into the core's types, and {@link org.tlsuplift.server.daemon.Components} wires all parts by
 * hand, starts them and stops them in order. Called by the commands {@code run}, {@code check} and
 * {@code doctor}, and by the demo. {@code ca} opens the CAs, and {@code watch} observes what
 * changes while the daemon runs. Start reading at {@link org.tlsuplift.server.daemon.Components}.
 */
@NullMarked
package org.tlsuplift.server.daemon;

import org.jspecify.annotations.NullMarked;
