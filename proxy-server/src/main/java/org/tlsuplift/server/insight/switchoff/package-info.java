/**
 * The answer to "can I switch TLS 1.0 off?", for each listener and each subnet.
 *
 * <p>The device inventory enters; an answer with its reasons leaves. The yardstick is a listener of
 * {@code profile: modern}: what its devices showed that it does not have, and how long somebody has
 * been looking. Start reading at {@link org.tlsuplift.server.insight.switchoff.SwitchOff}.
 */
@NullMarked
package org.tlsuplift.server.insight.switchoff;

import org.jspecify.annotations.NullMarked;
