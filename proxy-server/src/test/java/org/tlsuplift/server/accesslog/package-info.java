/** Tests of the package of the same name. */
@NullMarked
package org.tlsuplift.server.accesslog;

import org.jspecify.annotations.NullMarked;
