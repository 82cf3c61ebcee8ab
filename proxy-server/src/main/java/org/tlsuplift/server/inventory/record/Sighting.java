package org.tlsuplift.server.inventory.record;

import java.net.InetAddress;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.OriginReply;
import org.tlsuplift.proxy.model.TlsParameters;

/**
 * What a session showed of a device at one moment. A session has one or two sightings: one when it
 * is established, and one at its end with everything that came later. If only bytes came later, and
 * the first sighting is still in the queue, the bytes are added to it.
 *
 * @param device its address
 * @param at when, in milliseconds since the epoch
 * @param listener the listener that it used
 * @param first whether this counts the session
 * @param target its destination, or null
 * @param hello what it offered, if that is new, or null
 * @param agreed what was agreed, if that is new, or null
 * @param bridged whether it was agreed with this proxy, with a certificate of our CA
 * @param plaintext whether it continues without TLS, if that is new
 * @param introduction its name in HELO or EHLO; may be empty
 * @param failure what went wrong; empty when nothing did
 * @param replies the refusals of its origin
 * @param bytesUp payload to the origin
 * @param bytesDown payload to the device
 */
public record Sighting(
    InetAddress device,
    long at,
    String listener,
    boolean first,
    @Nullable HostPort target,
    @Nullable ClientHello hello,
    @Nullable TlsParameters agreed,
    boolean bridged,
    boolean plaintext,
    String introduction,
    String failure,
    Set<OriginReply> replies,
    long bytesUp,
    long bytesDown) {

  /** The same with more bytes. */
  Sighting withBytes(long up, long down) {
    return new Sighting(
        device,
        at,
        listener,
        first,
        target,
        hello,
        agreed,
        bridged,
        plaintext,
        introduction,
        failure,
        replies,
        bytesUp + up,
        bytesDown + down);
  }
}
