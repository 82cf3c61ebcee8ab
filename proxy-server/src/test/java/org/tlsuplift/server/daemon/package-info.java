/** Tests of this package. */
@NullMarked
package org.tlsuplift.server.daemon;

import org.jspecify.annotations.NullMarked;
