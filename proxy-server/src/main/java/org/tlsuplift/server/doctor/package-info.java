/**
 * Finds out why the mail of a device does not reach Microsoft 365.
 *
 * <p>The input is a listener and a mailbox; the output is one finding for each step of the path,
 * with a remedy. The steps use the code of the data path: {@link
 * org.tlsuplift.server.doctor.OriginProbe} connects to an origin as a session would. They send no
 * mail and print no secret; only {@code TestMail} sends a message, when the operator asks for it.
 * The commands {@code doctor} and {@code probe} call this package. Start reading at {@link
 * org.tlsuplift.server.doctor.Doctor}.
 */
@NullMarked
package org.tlsuplift.server.doctor;

import org.jspecify.annotations.NullMarked;
