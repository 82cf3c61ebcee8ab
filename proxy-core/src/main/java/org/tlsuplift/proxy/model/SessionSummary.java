package org.tlsuplift.proxy.model;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * All that is known of a session at its end.
 *
 * @param id the session
 * @param listener the listener's name
 * @param device where the device connected from, or what its PROXY header says of that
 * @param started when it connected
 * @param elapsed how long the session lasted
 * @param target where the device wanted to go, or null when it never said so
 * @param offered what the device offered, or null when no ClientHello was read
 * @param action what the route decided
 * @param reason why the session ended
 * @param detail one line for the operator; may be empty
 * @param deviceHandshake the handshake with the device, or null when none was begun
 * @param originHandshake the handshake with the origin, or null when none was begun
 * @param tunnelled what device and origin agreed on in a tunnel, or null when it was none or is not
 *     known
 * @param bytesUp payload bytes relayed to the origin
 * @param bytesDown payload bytes relayed to the device
 */
public record SessionSummary(
    SessionId id,
    String listener,
    InetSocketAddress device,
    Instant started,
    Duration elapsed,
    @Nullable HostPort target,
    @Nullable ClientHello offered,
    Action action,
    CloseReason reason,
    String detail,
    @Nullable DeviceHandshake deviceHandshake,
    @Nullable OriginHandshake originHandshake,
    @Nullable TlsParameters tunnelled,
    long bytesUp,
    long bytesDown) {}
