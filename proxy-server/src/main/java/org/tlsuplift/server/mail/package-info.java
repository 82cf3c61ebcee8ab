/** Connections of the program itself to mail servers, for its own mail and checks. Blocks. */
@NullMarked
package org.tlsuplift.server.mail;

import org.jspecify.annotations.NullMarked;
