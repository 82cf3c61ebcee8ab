/**
 * Writes records as JSON (RFC 8259), in ASCII, without absent values: for the log, the API and
 * commands.
 */
@NullMarked
package org.tlsuplift.server.json;

import org.jspecify.annotations.NullMarked;
