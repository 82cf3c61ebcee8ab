/**
 * Real servers of other projects: origins, proxies, mail servers, Prometheus and a browser.
 *
 * <p>Start with {@link org.tlsuplift.server.it.peer.Nginx}. A {@link
 * org.tlsuplift.server.it.peer.PostOffice} is a real Postfix and a real Dovecot with the same
 * mailboxes.
 */
@NullMarked
package org.tlsuplift.server.it.peer;

import org.jspecify.annotations.NullMarked;
