/**
 * Tests of the started daemon between real devices and real origins.
 *
 * <p>{@code lab}, {@code peer} and {@code device} have the parts of the tests: the daemon, real
 * servers and real TLS stacks. The other packages have the tests by subject. Start with {@link
 * org.tlsuplift.server.it.device.UpgradeMatrixIT}.
 */
@NullMarked
package org.tlsuplift.server.it;

import org.jspecify.annotations.NullMarked;
