package org.tlsuplift.server.pages;

import java.util.Optional;
import org.tlsuplift.proxy.ca.IssuingCa;

/**
 * A certificate authority that devices have to trust.
 *
 * @param listener the listener that has it for itself; empty for that of all others
 * @param ca its certificate, and what it may sign
 */
public record TrustedAuthority(Optional<String> listener, IssuingCa ca) {}
