/** Tests of the package of the same name. */
@NullMarked
package org.tlsuplift.server.admin;

import org.jspecify.annotations.NullMarked;
