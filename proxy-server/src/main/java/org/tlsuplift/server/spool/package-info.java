/**
 * Messages that this program has taken from devices and delivers itself.
 *
 * <p>A message enters by {@link org.tlsuplift.server.spool.SpoolStore#intake} and leaves by a
 * {@link org.tlsuplift.server.mail.Transport}.
 */
@NullMarked
package org.tlsuplift.server.spool;

import org.jspecify.annotations.NullMarked;
