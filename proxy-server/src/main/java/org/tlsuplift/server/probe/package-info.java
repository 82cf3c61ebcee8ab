/** Asks an origin, as the proxy would, what it agrees to. */
@NullMarked
package org.tlsuplift.server.probe;

import org.jspecify.annotations.NullMarked;
