/**
 * Connects to an origin once, as a session would, and reports what it showed.
 *
 * <p>A host and port enter; certificates, version and suite leave, or the reason in words. Called
 * by {@code doctor} and the command {@code probe}. Start reading at {@link
 * org.tlsuplift.server.doctor.probe.OriginProbe}.
 */
@NullMarked
package org.tlsuplift.server.doctor.probe;

import org.jspecify.annotations.NullMarked;
