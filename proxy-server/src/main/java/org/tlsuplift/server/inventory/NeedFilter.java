package org.tlsuplift.server.inventory;

import java.time.Instant;
import java.util.Optional;
import org.tlsuplift.proxy.route.Cidr;

/**
 * Which devices and needs.
 *
 * @param since only those seen from this moment on, inclusive
 * @param listener only those of this listener
 * @param subnet only those in this subnet
 */
public record NeedFilter(Instant since, Optional<String> listener, Optional<Cidr> subnet) {}
