package org.tlsuplift.server.inventory;

import java.time.Instant;
import java.util.Optional;
import org.tlsuplift.proxy.route.Cidr;

/**
 * Selects devices and needs.
 *
 * @param since only needs that a session showed since this moment, inclusive
 */
public record NeedFilter(Instant since, Optional<String> listener, Optional<Cidr> subnet) {}
