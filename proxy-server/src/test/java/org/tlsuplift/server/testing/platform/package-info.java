/**
 * The identity platform of Microsoft, as far as mail needs it, on this machine.
 *
 * <p>{@link org.tlsuplift.server.testing.platform.IdentityPlatform} speaks the v2.0 endpoints over
 * HTTPS as the real one does: same paths, same parameters, same errors. What it issues are signed
 * tokens of the usual length, and it tells origins whether they are good (RFC 7662), so that an
 * origin that nobody here wrote is the judge.
 */
@NullMarked
package org.tlsuplift.server.testing.platform;

import org.jspecify.annotations.NullMarked;
