/**
 * The answer to "can I switch TLS 1.0 off?", for each listener and each subnet.
 *
 * <p>{@link org.tlsuplift.server.switchoff.SwitchOff} gives it from the device inventory. The
 * yardstick is a listener of {@code profile: modern}: what its devices showed that it does not
 * have, and how long somebody has been looking.
 */
@NullMarked
package org.tlsuplift.server.switchoff;

import org.jspecify.annotations.NullMarked;
