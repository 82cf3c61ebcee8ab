/** Converts a checked configuration into the core's types, and compares two configurations. */
@NullMarked
package org.tlsuplift.server.mapping;

import org.jspecify.annotations.NullMarked;
