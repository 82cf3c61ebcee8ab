package org.tlsuplift.server.inventory;

import java.util.Optional;
import org.tlsuplift.proxy.model.TlsVersion;

/**
 * How many devices have shown a need.
 *
 * @param listener where; empty for all listeners together
 * @param newest the newest version that they offer; only with {@link Need#TOO_OLD}, and empty if it
 *     is unknown
 * @param devices how many, at least one
 */
public record NeedCount(String listener, Need need, Optional<TlsVersion> newest, long devices) {}
