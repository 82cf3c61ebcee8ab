/** Tests of this package. */
@NullMarked
package org.tlsuplift.server.command.text;

import org.jspecify.annotations.NullMarked;
