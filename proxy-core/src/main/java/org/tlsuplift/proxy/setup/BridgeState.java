package org.tlsuplift.proxy.setup;

import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.OriginHandshake;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.tls.Leaf;
import org.tlsuplift.proxy.tls.hello.AlertTap;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;

/**
 * The progress of a bridge on each side. The two sides are independent.
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
    /** Work in progress, whose end is an event. */
    sealed interface Pending extends DeviceSide {}

    /** The certificate is being issued. */
    record AwaitingLeaf() implements Pending {}

    /** The certificate is issued. If the device offered ALPN, the origin must choose first. */
    record LeafReady(Leaf leaf) implements DeviceSide {}

    /** The handshake runs. The reference to the leaf keeps it in the cache. */
    record Handshaking(Leaf leaf, AlertTap tap, long startedNanos) implements Pending {}

    /** The handshake is complete. */
    record Ready() implements DeviceSide {}
  }

  /** Towards the origin. */
  sealed interface OriginSide {
    /** Whether the dial has not ended. */
    default boolean isDialling() {
      return false;
    }

    /** The ALPN name that the origin agreed to, or null. */
    default @Nullable String protocol() {
      return null;
    }

    /** Reports the end of the dial, if it has ended, to a session whose device is ready. */
    void report(Setup.Callbacks session);

    /** Closes what was opened. */
    void abandon();

    /** Name resolution, connection and handshake are under way. */
    record Dialling(Future<OriginConnection> dial) implements OriginSide {
      @Override
      public boolean isDialling() {
        return true;
      }

      @Override
      public void report(Setup.Callbacks session) {}

      @Override
      public void abandon() {
        Setup.drop(dial);
      }
    }

    /** Connected and verified. */
    record Ready(OriginConnection connection) implements OriginSide {
      @Override
      public @Nullable String protocol() {
        OriginHandshake handshake = connection.handshake();
        TlsParameters agreed = handshake == null ? null : handshake.agreed();
        return agreed == null ? null : agreed.applicationProtocol();
      }

      @Override
      public void report(Setup.Callbacks session) {
        session.opened(connection);
      }

      @Override
      public void abandon() {
        var unused = connection.channel().close();
      }
    }

    /** The dial failed. A mail device gets the reason under TLS, as a reply of its protocol. */
    record Failed(Throwable cause) implements OriginSide {
      @Override
      public void report(Setup.Callbacks session) {
        session.originFailed(cause, true);
      }

      @Override
      public void abandon() {}
    }
  }
}
