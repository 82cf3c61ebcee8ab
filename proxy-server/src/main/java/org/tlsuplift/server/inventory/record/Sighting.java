package org.tlsuplift.server.inventory.record;

import java.net.InetAddress;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.OriginReply;
import org.tlsuplift.proxy.model.TlsParameters;

/**
 * What was seen of a device at one moment; a session is seen once or twice: when it is established,
 * and at its end with what came after. When nothing but bytes came after, and soon, it is seen
 * once.
 *
 * @param device where it is
 * @param at when, in milliseconds since the epoch
 * @param listener where it came in
 * @param first whether this counts the session
 * @param target where it wanted to go, or null
 * @param hello what it offered, if that is new, or null
 * @param agreed what was agreed, if that is new, or null
 * @param bridged whether that was agreed with us, who showed a certificate of our own
 * @param plaintext whether it goes on without TLS, if that is new
 * @param introduction how it introduced itself; may be empty
 * @param failure what went wrong; empty when nothing did
 * @param replies what its origin refused with
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

  /** The same, with the bytes of what came after. */
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
