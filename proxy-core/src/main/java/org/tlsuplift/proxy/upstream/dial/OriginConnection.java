package org.tlsuplift.proxy.upstream.dial;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.OriginHandshake;
import org.tlsuplift.proxy.relay.HoldingHandler;
import org.tlsuplift.proxy.tls.CertificateNames;

/**
 * A connected channel to an origin, ready to relay. If the proxy originated TLS, the origin is
 * verified.
 *
 * @param channel auto-read is off; the last handler is {@link UpstreamInitializer#HOLD}
 * @param handshake the handshake with the origin, or null if the proxy originated no TLS
 * @param hold the last handler; null if the channel is already closed
 */
public record OriginConnection(
    Channel channel, @Nullable OriginHandshake handshake, @Nullable HoldingHandler hold) {
  /** Wraps a connected channel. If the proxy originates TLS, call it after the handshake. */
  public static OriginConnection of(Channel channel, @Nullable OriginHandshake handshake) {
    // Not earlier: during the handshake, the end of the stream must close the channel. To report:
    // "SslHandler ignores ChannelInputShutdownEvent, so with ALLOW_HALF_CLOSURE a handshake whose
    // peer has ended waits for its timeout." Set it from the start when SslHandler fails then.
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    return new OriginConnection(channel, handshake, channel.pipeline().get(HoldingHandler.class));
  }

  /** The names in the origin's certificate; empty if the proxy originated no TLS. */
  public CertificateNames names() {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    return tls == null
        ? new CertificateNames(List.of(), List.of())
        : CertificateNames.of(chain(tls).get(0));
  }

  /** The certificates that the origin presented, its own first; empty for none. */
  public List<X509Certificate> chain() {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    return tls == null ? List.of() : chain(tls);
  }

  /** The certificates that the peer of a handshake presented, its own first; empty for none. */
  public static List<X509Certificate> chain(SslHandler tls) {
    try {
      return Stream.of(tls.engine().getSession().getPeerCertificates())
          .map(X509Certificate.class::cast)
          .toList();
    } catch (SSLPeerUnverifiedException none) {
      return List.of();
    }
  }

  /** Cancels a dial, or closes the connection that it opened. */
  public static void drop(Future<OriginConnection> dial) {
    if (!dial.cancel(false) && dial.isSuccess()) {
      var unused = dial.getNow().channel().close();
    }
  }

  /** Whether a session can still begin with it: it is open at both ends, and nothing failed. */
  public boolean isUsable() {
    return channel.isActive() && hold != null && !hold.hasEnded() && hold.failure() == null;
  }

  /** The failure that occurred before the relay started, or null. */
  public @Nullable Throwable failure() {
    // The handler stores it, because a closed channel has no handlers.
    return hold == null ? null : hold.failure();
  }
}
