/**
 * Connects to an origin: resolves its name, tries its addresses (RFC 8305), directly or through an
 * upstream proxy, and builds its pipeline.
 *
 * <p>The input is an {@link org.tlsuplift.proxy.upstream.dial.UpstreamSpec} and, for each dial, a
 * host and a port. The result is a connected channel or an {@link
 * org.tlsuplift.proxy.upstream.dial.OriginUnavailableException}. Start reading at {@code
 * OriginDialer}.
 */
@NullMarked
package org.tlsuplift.proxy.upstream.dial;

import org.jspecify.annotations.NullMarked;
