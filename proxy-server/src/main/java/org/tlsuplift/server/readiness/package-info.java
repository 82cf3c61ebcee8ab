/**
 * What the overview page shows: handshakes, what expires soon, and Microsoft's announced dates.
 *
 * <p>The input is the inventory and the expiry dates of certificates; the result is records. Called
 * by {@code pages} and {@code api}. Start reading at {@link
 * org.tlsuplift.server.readiness.ActivitySnapshot}.
 */
@NullMarked
package org.tlsuplift.server.readiness;

import org.jspecify.annotations.NullMarked;
