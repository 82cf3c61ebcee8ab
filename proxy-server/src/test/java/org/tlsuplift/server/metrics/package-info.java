/** Tests of the package of the same name. */
@NullMarked
package org.tlsuplift.server.metrics;

import org.jspecify.annotations.NullMarked;
