/** Tests of hashed passwords. */
@NullMarked
package org.tlsuplift.server.password;

import org.jspecify.annotations.NullMarked;
