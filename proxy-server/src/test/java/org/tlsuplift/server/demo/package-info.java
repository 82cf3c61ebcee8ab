/** Tests of this package. */
@NullMarked
package org.tlsuplift.server.demo;

import org.jspecify.annotations.NullMarked;
