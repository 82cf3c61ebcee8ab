/** JSON as the daemon writes it. Records go in, text comes out. Start reading at {@code Json}. */
@NullMarked
package org.tlsuplift.server.json;

import org.jspecify.annotations.NullMarked;
