/**
 * Old TLS stacks as devices, and the tests of the device side.
 *
 * <p>A {@link org.tlsuplift.server.it.device.Device} is a real TLS stack with settings that make it
 * old. Each agreement is asserted from both ends: from what the device prints, and from the
 * content, in which the origin reports what it agreed to.
 */
@NullMarked
package org.tlsuplift.server.it.device;

import org.jspecify.annotations.NullMarked;
