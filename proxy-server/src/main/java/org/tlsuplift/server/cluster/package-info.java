/**
 * Several instances that share a database: which of them live, what each reports, and the limits of
 * each mailbox over all of them.
 *
 * <p>Requests for permits enter; permits leave, at once or after a wait. Called by the sign-in of
 * devices, and by the pages. Start reading at {@link org.tlsuplift.server.cluster.SharedLimits}.
 */
@NullMarked
package org.tlsuplift.server.cluster;

import org.jspecify.annotations.NullMarked;
