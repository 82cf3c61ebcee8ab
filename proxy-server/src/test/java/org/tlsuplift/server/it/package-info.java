/**
 * The started daemon between devices and origins that nobody here wrote.
 *
 * <p>{@code lab}, {@code peer} and {@code device} hold what tests are made of: the daemon, real
 * servers and real TLS stacks. The other packages hold the tests by subject. Start with {@link
 * org.tlsuplift.server.it.device.UpgradeMatrixIT}.
 */
@NullMarked
package org.tlsuplift.server.it;

import org.jspecify.annotations.NullMarked;
