/** Tests of the package of the same name. */
@NullMarked
package org.tlsuplift.server.log;

import org.jspecify.annotations.NullMarked;
