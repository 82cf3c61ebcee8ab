/** Tests of this package. */
@NullMarked
package org.tlsuplift.server.command.console;

import org.jspecify.annotations.NullMarked;
