/**
 * The origin side: failures, algorithms, revocation, client certificates and proxies on the way
 * out.
 */
@NullMarked
package org.tlsuplift.server.it.origin;

import org.jspecify.annotations.NullMarked;
