/** An origin's certificate chain: what is wrong with it, and whether it was revoked. */
@NullMarked
package org.tlsuplift.proxy.tls.chain;

import org.jspecify.annotations.NullMarked;
