package org.tlsuplift.server.inventory;

import java.util.Optional;
import org.tlsuplift.proxy.model.TlsVersion;

/**
 * The number of devices with a need.
 *
 * @param listener its name; empty for all listeners together
 * @param newest the newest version that they offer; only with {@link Need#TOO_OLD}, empty if
 *     unknown
 * @param devices at least one
 */
public record NeedCount(String listener, Need need, Optional<TlsVersion> newest, long devices) {}
