/** Tests of the package of the same name. */
@NullMarked
package org.tlsuplift.server.http.api;

import org.jspecify.annotations.NullMarked;
