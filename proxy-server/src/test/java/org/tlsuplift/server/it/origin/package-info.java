/** The origin side: failures, algorithms, revocation, client certificates and upstream proxies. */
@NullMarked
package org.tlsuplift.server.it.origin;

import org.jspecify.annotations.NullMarked;
