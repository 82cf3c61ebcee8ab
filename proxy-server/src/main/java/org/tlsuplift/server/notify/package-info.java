/**
 * Notifications about critical conditions, by mail and webhook, for operators without Prometheus.
 *
 * <p>Conditions come in; one notification leaves when a condition starts, and one when it ends.
 * Nothing here runs on an event loop. Start reading at {@link
 * org.tlsuplift.server.notify.Notifier}.
 */
@NullMarked
package org.tlsuplift.server.notify;

import org.jspecify.annotations.NullMarked;
