/** Tests of this package. */
@NullMarked
package org.tlsuplift.server.command.ca;

import org.jspecify.annotations.NullMarked;
