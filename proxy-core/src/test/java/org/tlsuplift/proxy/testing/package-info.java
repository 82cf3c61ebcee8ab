/** Devices, origins and certificates for the tests of both modules. */
@NullMarked
package org.tlsuplift.proxy.testing;

import org.jspecify.annotations.NullMarked;
