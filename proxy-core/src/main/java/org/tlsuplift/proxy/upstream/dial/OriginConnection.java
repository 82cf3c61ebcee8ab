package org.tlsuplift.proxy.upstream.dial;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslHandler;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.OriginHandshake;
import org.tlsuplift.proxy.relay.HoldingHandler;
import org.tlsuplift.proxy.tls.CertificateNames;

/**
 * A channel to an origin that is ready to relay: connected, and verified if the TLS is ours.
 *
 * @param channel does not read by itself; its last handler is named {@link
 *     UpstreamInitializer#HOLD}
 * @param handshake the handshake with the origin, or null for a tunnel
 * @param hold that last handler; null if the channel is already closed
 */
public record OriginConnection(
    Channel channel, @Nullable OriginHandshake handshake, @Nullable HoldingHandler hold) {
  /** Wraps a connected channel, after the handshake if the TLS is ours. */
  public static OriginConnection of(Channel channel, @Nullable OriginHandshake handshake) {
    // Not earlier, because the end of the stream must also end the handshake.
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    return new OriginConnection(channel, handshake, channel.pipeline().get(HoldingHandler.class));
  }

  /** The names in the origin's certificate; empty if the TLS is not ours. */
  public CertificateNames names() {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    try {
      return tls == null
          ? new CertificateNames(List.of(), List.of())
          : CertificateNames.of(
              (X509Certificate) tls.engine().getSession().getPeerCertificates()[0]);
    } catch (SSLPeerUnverifiedException impossible) {
      throw new IllegalStateException("an origin that was not verified", impossible);
    }
  }

  /** The failure before the relay began, or null. */
  public @Nullable Throwable failure() {
    // The handler keeps it, because a closed channel has lost its handlers.
    return hold == null ? null : hold.failure();
  }
}
