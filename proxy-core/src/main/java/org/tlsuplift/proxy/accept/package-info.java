/**
 * Binds the ports and accepts connections.
 *
 * <p>A connection enters from the kernel and is rejected, or leaves as a {@code session.Session}
 * with its pipeline. {@link org.tlsuplift.proxy.Proxy} opens the {@link
 * org.tlsuplift.proxy.accept.Listeners}. {@code SessionRegistry} admits or rejects connections; if
 * the listener expects a PROXY header, it is read first. {@code DownstreamInitializer} is the table
 * of contents of the pipeline. Start reading there.
 */
@NullMarked
package org.tlsuplift.proxy.accept;

import org.jspecify.annotations.NullMarked;
