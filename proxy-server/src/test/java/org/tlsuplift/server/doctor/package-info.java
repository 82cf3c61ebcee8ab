/** Tests of this package. */
@NullMarked
package org.tlsuplift.server.doctor;

import org.jspecify.annotations.NullMarked;
