/**
 * What session and setup share about one device: the {@link
 * org.tlsuplift.proxy.context.ListenerSpec} it came through, the services of the proxy, its report
 * to observers, its log and its timers.
 *
 * <p>Nothing here decides anything. {@code SessionReport} is the only way by which a session tells
 * what happened to it.
 */
@NullMarked
package org.tlsuplift.proxy.context;

import org.jspecify.annotations.NullMarked;
