package org.tlsuplift.server.inventory;

import java.util.Optional;
import org.tlsuplift.proxy.model.TlsVersion;

/**
 * Devices that have the same to be done about them.
 *
 * @param newest the newest version that they offer; only with {@link Verdict#TOO_OLD}, and empty if
 *     it is unknown
 * @param refusesCa whether they were seen recently and do not trust our CA
 * @param devices how many, at least one
 */
public record DeviceGroup(
    Verdict verdict, Optional<TlsVersion> newest, boolean refusesCa, long devices) {}
