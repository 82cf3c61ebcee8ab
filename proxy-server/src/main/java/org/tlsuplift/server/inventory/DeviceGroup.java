package org.tlsuplift.server.inventory;

import java.util.Optional;
import org.tlsuplift.proxy.model.TlsVersion;

/**
 * Devices that need the same remedy.
 *
 * @param newest the newest version that they offer; only with {@link Verdict#TOO_OLD}, empty if
 *     unknown
 * @param refusesCa whether they were seen recently and do not trust our CA
 * @param devices their number, at least one
 */
public record DeviceGroup(
    Verdict verdict, Optional<TlsVersion> newest, boolean refusesCa, long devices) {}
