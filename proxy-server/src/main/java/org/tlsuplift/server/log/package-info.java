/**
 * The log of the running daemon. Devices cannot forge lines or fill the disk, and no event loop
 * waits for the output.
 *
 * <p>No other package uses Logback's appenders; an operator's {@code logback.xml} refers to the
 * classes.
 */
@NullMarked
package org.tlsuplift.server.log;

import org.jspecify.annotations.NullMarked;
