/**
 * The data about one device that session and setup share, in a {@code SessionContext}: the {@link
 * org.tlsuplift.proxy.context.ListenerSpec} of its listener, the services of the proxy, its report
 * to observers, its log and its timers.
 *
 * <p>No code here makes decisions. A session reports all its events through {@code SessionReport}.
 */
@NullMarked
package org.tlsuplift.proxy.context;

import org.jspecify.annotations.NullMarked;
