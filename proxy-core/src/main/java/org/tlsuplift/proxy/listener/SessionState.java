package org.tlsuplift.proxy.listener;

import io.netty.util.concurrent.Future;
import java.util.List;
import org.tlsuplift.proxy.relay.Relay;
import org.tlsuplift.proxy.session.ClientHello;
import org.tlsuplift.proxy.session.HostPort;
import org.tlsuplift.proxy.tls.AlertTap;
import org.tlsuplift.proxy.tls.Leaf;
import org.tlsuplift.proxy.upstream.OriginConnection;

/**
 * Where a session stands; each state holds what is known by then and no more.
 *
 * <pre>
 * {@link Negotiating} - {@link InspectingHello} -+- {@link Bridging} --+- {@link Relaying} - {@link Closed}
 *                                    +- {@link Tunnelling} +
 * </pre>
 *
 * Every state may go to {@link Closed}.
 */
sealed interface SessionState {
  /** The device has yet to say where it wants to go. */
  record Negotiating() implements SessionState {}

  /** The device has yet to show what it offers. */
  record InspectingHello(HostPort target) implements SessionState {}

  /** Both handshakes are under way, side by side. */
  record Bridging(
      ClientHello hello, List<String> applicationProtocols, DeviceSide device, OriginSide origin)
      implements SessionState {
    Bridging with(DeviceSide next) {
      return new Bridging(hello, applicationProtocols, next, origin);
    }

    Bridging with(OriginSide next) {
      return new Bridging(hello, applicationProtocols, device, next);
    }
  }

  /** The origin is being dialled; what the device said is kept for it. */
  record Tunnelling(Future<OriginConnection> dial) implements SessionState {}

  /** Bytes flow. */
  record Relaying(Relay relay, OriginConnection origin) implements SessionState {}

  /** Over. */
  record Closed() implements SessionState {}

  /** How far a bridge has come towards the device. */
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

  /** How far a bridge has come towards the origin. */
  sealed interface OriginSide {
    /** Name resolution, connection and handshake are under way. */
    record Dialling(Future<OriginConnection> dial) implements OriginSide {}

    /** Connected and verified. */
    record Ready(OriginConnection connection) implements OriginSide {}
  }
}
