/**
 * Binds the ports and accepts connections.
 *
 * <p>The kernel delivers a connection. This package rejects it or makes a {@code session.Session}
 * with a pipeline. {@link org.tlsuplift.proxy.Proxy} opens the {@link
 * org.tlsuplift.proxy.accept.Listeners}. If a listener expects a PROXY header, the header is read
 * first. {@code SessionRegistry} then admits or rejects the connection. {@code
 * DownstreamInitializer} is the table of contents of the pipeline. Start reading there.
 */
@NullMarked
package org.tlsuplift.proxy.accept;

import org.jspecify.annotations.NullMarked;
