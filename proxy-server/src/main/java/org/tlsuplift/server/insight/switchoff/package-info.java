/**
 * Answers "can I switch TLS 1.0 off?" for each listener and each subnet.
 *
 * <p>The input is the device inventory; the output is a result with its reasons. Two facts decide:
 * what devices needed that a listener with {@code profile: modern} does not offer, and how long the
 * daemon has observed. Start reading at {@link org.tlsuplift.server.insight.switchoff.SwitchOff}.
 */
@NullMarked
package org.tlsuplift.server.insight.switchoff;

import org.jspecify.annotations.NullMarked;
