/**
 * The handshake matrix of the manual.
 *
 * <p>Each {@link org.tlsuplift.server.it.matrix.MatrixRow} has an {@link
 * org.tlsuplift.server.it.device.Offer} that {@link org.tlsuplift.server.it.matrix.Stack}s make
 * devices for. Each device is tried at each {@link org.tlsuplift.server.it.matrix.Contestant}, over
 * a {@link org.tlsuplift.server.it.matrix.Wire} that shows what the device really offered.
 */
@NullMarked
package org.tlsuplift.server.it.matrix;

import org.jspecify.annotations.NullMarked;
