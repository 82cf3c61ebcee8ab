/**
 * Plain data about a session, what limits devices and mailboxes (rates by address, permits), and
 * the contract of a session's observers: no Netty, no logger.
 *
 * <p>Every package may import this one; it imports only {@link org.tlsuplift.proxy.outcome}. Start
 * reading at {@link org.tlsuplift.proxy.model.SessionObserver}.
 */
@NullMarked
package org.tlsuplift.proxy.model;

import org.jspecify.annotations.NullMarked;
