package org.tlsuplift.proxy.model;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Everything known about a session at its end.
 *
 * @param device where the device connected from, by its PROXY header if there is one
 * @param target where the device wanted to go, or null if unknown
 * @param offered null if no ClientHello was read
 * @param action the route decision
 * @param detail one line for the operator; may be empty
 * @param deviceHandshake null if none was begun
 * @param originHandshake null if none was begun
 * @param tunnelled what device and origin agreed on in a tunnel, or null if there was none or it is
 *     unknown
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
