/** Tests of this package. */
@NullMarked
package org.tlsuplift.server.notify;

import org.jspecify.annotations.NullMarked;
