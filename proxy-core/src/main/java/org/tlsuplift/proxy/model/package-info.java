/**
 * Plain data about a session, and the contract of its observers: no Netty, no logger.
 *
 * <p>Every package may import this one; it imports only {@link org.tlsuplift.proxy.outcome}. Start
 * reading at {@link org.tlsuplift.proxy.model.SessionObserver}.
 */
@NullMarked
package org.tlsuplift.proxy.model;

import org.jspecify.annotations.NullMarked;
