/** Tests of tokens, against the stand-in for the identity platform. */
@NullMarked
package org.tlsuplift.server.token;

import org.jspecify.annotations.NullMarked;
