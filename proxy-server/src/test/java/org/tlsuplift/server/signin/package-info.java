/** Tests of the accounts. */
@NullMarked
package org.tlsuplift.server.signin;

import org.jspecify.annotations.NullMarked;
