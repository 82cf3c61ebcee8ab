/**
 * The data that {@code session} and {@code setup} share. A {@code SessionContext} has the {@link
 * org.tlsuplift.proxy.context.ListenerSpec}, the services, the facts and the report of a session.
 *
 * <p>No code here decides what a session does. Sessions report all events through {@code
 * SessionReporter}, which informs observers and the log and adds to the {@code SessionFacts}.
 */
@NullMarked
package org.tlsuplift.proxy.context;

import org.jspecify.annotations.NullMarked;
