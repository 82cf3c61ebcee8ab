/**
 * Watches over what a device sends through a session that this proxy signed in: the senders, the
 * messages a minute, and that device and origin agree on where a message ends. Stands in front of
 * the relay, towards the device.
 */
@NullMarked
package org.tlsuplift.proxy.guard;

import org.jspecify.annotations.NullMarked;
