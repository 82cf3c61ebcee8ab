/**
 * What makes a running daemon reload its configuration, besides a signal: a request at a UNIX
 * socket, and a changed file.
 */
@NullMarked
package org.tlsuplift.server.daemon.reload;

import org.jspecify.annotations.NullMarked;
