/**
 * A local replacement of Microsoft's identity platform, with the parts that mail needs.
 *
 * <p>{@link org.tlsuplift.server.testing.platform.IdentityPlatform} serves the v2.0 endpoints over
 * HTTPS with the same paths, parameters and errors as the real platform. It issues signed tokens of
 * the usual length. Origins ask it whether a token is valid (RFC 7662), so a real mail server makes
 * the decision.
 */
@NullMarked
package org.tlsuplift.server.testing.platform;

import org.jspecify.annotations.NullMarked;
