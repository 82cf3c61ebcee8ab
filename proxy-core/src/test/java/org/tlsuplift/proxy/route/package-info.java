/** Tests of the route decisions. */
@NullMarked
package org.tlsuplift.proxy.route;

import org.jspecify.annotations.NullMarked;
