/**
 * Requests that the program itself sends to a server over HTTPS, with connections like those to
 * origins: TLS 1.2 or later, the same roots, the same upstream proxy.
 */
@NullMarked
package org.tlsuplift.server.https;

import org.jspecify.annotations.NullMarked;
