/**
 * Finds out why the mail of a device does not reach Microsoft 365.
 *
 * <p>A listener and a mailbox enter; findings leave, one for each step of the way, with the remedy.
 * The steps use the code of the data path. It sends no mail and shows no secret. Called by the
 * command {@code doctor}. Start reading at {@link org.tlsuplift.server.doctor.Doctor}.
 */
@NullMarked
package org.tlsuplift.server.doctor;

import org.jspecify.annotations.NullMarked;
