/**
 * What session and setup share about one device, in a {@code SessionContext}: the {@link
 * org.tlsuplift.proxy.context.ListenerSpec} of its listener, the services of the proxy, its report
 * to observers, its log and its timers.
 *
 * <p>Nothing here decides anything. A session reports all its events through {@code SessionReport}.
 */
@NullMarked
package org.tlsuplift.proxy.context;

import org.jspecify.annotations.NullMarked;
