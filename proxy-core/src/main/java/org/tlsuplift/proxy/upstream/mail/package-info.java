/**
 * Mail origins: greeting, capabilities and STARTTLS.
 *
 * <p>The input is a dialled channel; the result is a {@code MailOrigin}, which a session can
 * secure, pass on untouched, or close. Start reading at {@code MailOriginHandshake}.
 */
@NullMarked
package org.tlsuplift.proxy.upstream.mail;

import org.jspecify.annotations.NullMarked;
