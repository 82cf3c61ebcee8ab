/**
 * What the first page says about the state of things: handshakes, endings, concerns, and
 * Microsoft's dates. Called by {@code pages} and {@code api}.
 */
@NullMarked
package org.tlsuplift.server.insight.overview;

import org.jspecify.annotations.NullMarked;
