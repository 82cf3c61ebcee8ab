/**
 * Walks the way of a device's mail to Microsoft 365, step by step with the proxy's own code, and
 * names what is wrong and what to do about it. Sends no mail, and shows no secret.
 */
@NullMarked
package org.tlsuplift.server.doctor;

import org.jspecify.annotations.NullMarked;
