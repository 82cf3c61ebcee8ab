package org.tlsuplift.server.inventory;

import java.time.Instant;
import java.util.Optional;
import org.tlsuplift.proxy.route.Cidr;

/**
 * Which devices and needs.
 *
 * @param since those seen from then on, inclusive
 * @param listener those of this one
 * @param subnet those in there
 */
public record NeedFilter(Instant since, Optional<String> listener, Optional<Cidr> subnet) {}
