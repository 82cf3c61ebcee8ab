/** Reaches an origin: resolve, connect, verify. */
@NullMarked
package org.tlsuplift.proxy.upstream;

import org.jspecify.annotations.NullMarked;
