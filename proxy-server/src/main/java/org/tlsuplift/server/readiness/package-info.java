/**
 * Answers "can I switch TLS 1.0 off?" for each listener and each subnet, and what expires before.
 *
 * <p>The input is the device inventory; the output is a result with its reasons, on the overview
 * page, as an HTML report and as CSV. Two facts decide: what devices needed that a listener with
 * {@code profile: modern} does not offer, and how long the daemon has observed. {@link
 * org.tlsuplift.server.readiness.ActivitySnapshot} has the overview: handshakes, expiry dates and
 * Microsoft's announced dates. Start reading at {@link org.tlsuplift.server.readiness.SwitchOff}.
 */
@NullMarked
package org.tlsuplift.server.readiness;

import org.jspecify.annotations.NullMarked;
