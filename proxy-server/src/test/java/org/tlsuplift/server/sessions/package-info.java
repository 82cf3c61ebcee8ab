/** Tests of the package of the same name. */
@NullMarked
package org.tlsuplift.server.sessions;

import org.jspecify.annotations.NullMarked;
