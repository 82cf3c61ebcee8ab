package org.tlsuplift.proxy.setup;

import io.netty.util.concurrent.Future;
import org.tlsuplift.proxy.tls.Leaf;
import org.tlsuplift.proxy.tls.hello.AlertTap;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;

/**
 * How far a bridge has come towards each side; the two go on independently.
 *
 * @param device towards the device
 * @param origin towards the origin
 */
record BridgeState(DeviceSide device, OriginSide origin) {
  BridgeState with(DeviceSide next) {
    return new BridgeState(next, origin);
  }

  BridgeState with(OriginSide next) {
    return new BridgeState(device, next);
  }

  /** Towards the device. */
  sealed interface DeviceSide {
    /** The certificate is being made. */
    record AwaitingLeaf() implements DeviceSide {}

    /** The certificate is there; the device offered ALPN, so the origin's choice comes first. */
    record LeafReady(Leaf leaf) implements DeviceSide {}

    /** The handshake runs; holding the leaf keeps it findable. */
    record Handshaking(Leaf leaf, AlertTap tap, long startedNanos) implements DeviceSide {}

    /** The handshake is complete. */
    record Ready() implements DeviceSide {}
  }

  /** Towards the origin. */
  sealed interface OriginSide {
    /** Name resolution, connection and handshake are under way. */
    record Dialling(Future<OriginConnection> dial) implements OriginSide {}

    /** Connected and verified. */
    record Ready(OriginConnection connection) implements OriginSide {}

    /** Not to be had; a device of mail is told so under TLS, in words it can show. */
    record Failed(Throwable cause) implements OriginSide {}
  }
}
