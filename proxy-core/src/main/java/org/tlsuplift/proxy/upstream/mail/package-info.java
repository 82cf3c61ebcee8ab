/**
 * Mail origins: greeting, capabilities and STARTTLS, before TLS or in place of it.
 *
 * <p>A dialled channel enters; a {@code MailOrigin} leaves, which a session can secure, pass on
 * untouched or close. Start reading at {@code MailOriginHandshake}.
 */
@NullMarked
package org.tlsuplift.proxy.upstream.mail;

import org.jspecify.annotations.NullMarked;
