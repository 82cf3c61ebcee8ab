package org.tlsuplift.server.inventory.record;

import java.net.InetAddress;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.LeafKey;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.outcome.MessageRefusal;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.server.inventory.Success;

/**
 * What one session reports about a device at one moment. A session reports when it is established,
 * and again at its end with everything new. If only bytes and successes are new and the latest
 * sighting is still in the queue, they are added to that sighting.
 *
 * @param device its address
 * @param at the time, in milliseconds since the epoch
 * @param listener the listener that the device used
 * @param first whether this sighting counts the session
 * @param target its destination, or null
 * @param hello the ClientHello if it is new, or null
 * @param agreed the agreed TLS parameters if they are new, or null
 * @param bridged whether the device agreed on them with this proxy, which presented a certificate
 *     of our CA
 * @param originGroup the group of the key exchange with the origin if it is new, or null
 * @param plaintext whether the device continues without TLS, if that is new
 * @param introduction the device's name in HELO or EHLO; may be empty
 * @param failure the label of the failure; empty for none
 * @param refusedKey of the certificate that the device refused, or null for none
 * @param replies the refusals by the origin
 * @param refusals the refusals of the device's messages by this proxy
 * @param successes at the target, if they are new; {@code agreed} is one, too
 * @param bytesUp payload bytes sent to the origin
 * @param bytesDown payload bytes sent to the device
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
    @Nullable String originGroup,
    boolean plaintext,
    String introduction,
    String failure,
    @Nullable LeafKey refusedKey,
    Set<OriginReply> replies,
    Set<MessageRefusal> refusals,
    Set<Success> successes,
    long bytesUp,
    long bytesDown) {

  /** A copy with more bytes, and with these successes beside its own. */
  Sighting with(long up, long down, Set<Success> more) {
    Set<Success> all = EnumSet.noneOf(Success.class);
    all.addAll(successes);
    all.addAll(more);
    return new Sighting(
        device,
        at,
        listener,
        first,
        target,
        hello,
        agreed,
        bridged,
        originGroup,
        plaintext,
        introduction,
        failure,
        refusedKey,
        replies,
        refusals,
        all,
        bytesUp + up,
        bytesDown + down);
  }
}
