/**
 * Devices that only know passwords, at mailboxes that only accept tokens.
 *
 * <p>A {@link org.tlsuplift.server.it.signin.CloudTenant} has mail origins and an identity platform
 * with certificates of one authority. {@link org.tlsuplift.server.it.signin.DoctorIT} tests the
 * command that finds out why mail is not sent.
 */
@NullMarked
package org.tlsuplift.server.it.signin;

import org.jspecify.annotations.NullMarked;
