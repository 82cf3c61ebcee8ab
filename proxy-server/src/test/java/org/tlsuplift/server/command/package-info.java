/** Tests of this package. */
@NullMarked
package org.tlsuplift.server.command;

import org.jspecify.annotations.NullMarked;
