/**
 * The running daemon: {@link org.tlsuplift.server.daemon.Components} wires by hand what {@link
 * org.tlsuplift.server.daemon.ConfigMapper} made of the configuration.
 */
@NullMarked
package org.tlsuplift.server.daemon;

import org.jspecify.annotations.NullMarked;
