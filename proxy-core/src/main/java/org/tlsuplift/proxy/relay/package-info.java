/** Moves bytes between two ready channels, with backpressure and orderly ends. */
@NullMarked
package org.tlsuplift.proxy.relay;

import org.jspecify.annotations.NullMarked;
