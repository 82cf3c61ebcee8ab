/** Tests of the program as a whole. */
@NullMarked
package org.tlsuplift.server;

import org.jspecify.annotations.NullMarked;
