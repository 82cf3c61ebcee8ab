/**
 * Binds the ports and takes connections from them.
 *
 * <p>A connection enters from the kernel and is refused, or leaves as a {@code session.Session}
 * with its pipeline. {@link org.tlsuplift.proxy.Proxy} opens the {@link
 * org.tlsuplift.proxy.accept.Listeners}; {@code SessionRegistry} counts who is in and refuses who
 * is too many, a PROXY header is read before that where one is expected, and {@code
 * DownstreamInitializer} is the table of contents of the pipeline. Start reading there.
 */
@NullMarked
package org.tlsuplift.proxy.accept;

import org.jspecify.annotations.NullMarked;
