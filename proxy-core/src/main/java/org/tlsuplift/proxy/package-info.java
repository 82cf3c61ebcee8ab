/**
 * The data path: a device's connection from accept to close.
 *
 * <pre>
 * listener ─ negotiate (CONNECT │ fixed) ─ ClientHello
 *    ─ route: bridge │ tunnel │ deny          decided once, from target + SNI + what was offered
 *    ─ bridge: terminate downstream ∥ dial + verify upstream ─ relay with backpressure ─ close(reason) ─ observers
 *    ─ tunnel: dial upstream, replay the bytes read, relay
 * </pre>
 *
 * One package a step; {@link org.tlsuplift.proxy.Proxy} is the door for the daemon.
 */
@NullMarked
package org.tlsuplift.proxy;

import org.jspecify.annotations.NullMarked;
