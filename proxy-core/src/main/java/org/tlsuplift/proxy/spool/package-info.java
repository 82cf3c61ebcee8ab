/**
 * The server for the devices of a listener that keeps mail: {@code SpoolDestination} puts it in the
 * place of the origin, {@code SpoolSession} replies, and a {@code MessageSpool} keeps the messages.
 */
@NullMarked
package org.tlsuplift.proxy.spool;

import org.jspecify.annotations.NullMarked;
