/** Tests of the package of the same name. */
@NullMarked
package org.tlsuplift.server.api;

import org.jspecify.annotations.NullMarked;
