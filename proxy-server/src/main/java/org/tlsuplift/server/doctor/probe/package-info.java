/**
 * Connects to an origin once, as a session would, and reports the result.
 *
 * <p>The input is a host and port. The output is certificates, version and suite, or the reason for
 * the failure. {@code doctor} and the command {@code probe} call this package. Start reading at
 * {@link org.tlsuplift.server.doctor.probe.OriginProbe}.
 */
@NullMarked
package org.tlsuplift.server.doctor.probe;

import org.jspecify.annotations.NullMarked;
