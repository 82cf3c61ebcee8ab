/** Passwords as hashes: made, checked for what they cost, and compared, by BouncyCastle. */
@NullMarked
package org.tlsuplift.server.password;

import org.jspecify.annotations.NullMarked;
