/**
 * JSON as the daemon writes it (RFC 8259), in ASCII.
 *
 * <p>Records enter; text leaves, without absent values. Called by the access log, the API,
 * commands, the inventory and the doctor. Start reading at {@link org.tlsuplift.server.json.Json}.
 */
@NullMarked
package org.tlsuplift.server.json;

import org.jspecify.annotations.NullMarked;
