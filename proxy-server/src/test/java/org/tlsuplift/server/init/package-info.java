/** Tests of this package. */
@NullMarked
package org.tlsuplift.server.init;

import org.jspecify.annotations.NullMarked;
