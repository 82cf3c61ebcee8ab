/**
 * TLS on the device's side and on the origin's: reading hellos, profiles, contexts, failures
 * explained.
 */
@NullMarked
package org.tlsuplift.proxy.tls;

import org.jspecify.annotations.NullMarked;
