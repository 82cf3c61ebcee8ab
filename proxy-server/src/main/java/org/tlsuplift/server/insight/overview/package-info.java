/**
 * What the overview page shows: handshakes, what expires soon, and dates of Microsoft.
 *
 * <p>The inventory and the expiry dates of certificates enter; records leave. Called by {@code
 * pages} and {@code api}. Start reading at {@link
 * org.tlsuplift.server.insight.overview.ActivitySnapshot}.
 */
@NullMarked
package org.tlsuplift.server.insight.overview;

import org.jspecify.annotations.NullMarked;
