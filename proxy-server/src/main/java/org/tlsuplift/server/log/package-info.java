/**
 * The log of the running daemon: lines that cannot be forged, cannot fill the disk, and for which
 * no event loop waits.
 *
 * <p>The only package that knows Logback's appenders; {@code logback.xml} names its classes.
 */
@NullMarked
package org.tlsuplift.server.log;

import org.jspecify.annotations.NullMarked;
