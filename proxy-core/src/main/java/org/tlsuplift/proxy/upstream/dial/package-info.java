/**
 * Connects to an origin: resolves its name, tries its addresses (RFC 8305), directly or through an
 * upstream proxy, and lays out the pipeline towards it.
 *
 * <p>{@link org.tlsuplift.proxy.upstream.dial.UpstreamSpec} enters once, a host and port with each
 * dial; a connected channel or an {@link
 * org.tlsuplift.proxy.upstream.dial.OriginUnavailableException} leaves. Start reading at {@code
 * OriginDialer}.
 */
@NullMarked
package org.tlsuplift.proxy.upstream.dial;

import org.jspecify.annotations.NullMarked;
